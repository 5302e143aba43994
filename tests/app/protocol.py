"""A browser without a screen: get a page, open its websocket, pull the document, send events, collect patches."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from app.serving import build_server

#: Longest any step may take; a limit against hanging, never a measure.
LIMIT = 30.0


class Served:
    """A server of the dashboard on a free port of loopback, on its own thread; use it as a context manager."""

    def __init__(self, context: Any, **options: Any) -> None:
        self._context, self._options = context, options
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._loop = IOLoop.current()
        try:
            self.server = build_server(self._context, **self._options)
            self.server.start()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._failure = error
        self._loop.add_callback(self._ready.set)
        self._loop.start()
        self._loop.close(all_fds=True)

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(LIMIT)
        if self._failure is not None:
            raise self._failure
        self.port = self.server.port
        return self

    def __exit__(self, *_exc: object) -> None:
        self.call(lambda: self.server.stop(wait=False))
        self._loop.add_callback(self._loop.stop)
        self._thread.join(LIMIT)

    def call(self, function: Callable[[], Any]) -> Any:
        """Run a function on the server's own thread and return what it returns."""
        done, found = threading.Event(), []

        def run() -> None:
            found.append(function())
            done.set()

        self._loop.add_callback(run)
        assert done.wait(LIMIT)
        return found[0]

    @property
    def sessions(self) -> int:
        """How many sessions live."""
        return self.call(lambda: len(self.server.get_sessions("/")))

    def url(self, path: str = "/") -> str:
        """Return an address on this server."""
        return f"http://127.0.0.1:{self.port}{path}"


def run(coroutine: Awaitable[Any], times: int = 3) -> Any:
    """Run a coroutine to its end for at most `times` as long as `LIMIT`.

    It gets a loop and a thread of its own, as a browser test's loop may run in this one.
    """

    async def bounded() -> Any:
        return await asyncio.wait_for(coroutine, LIMIT * times)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, bounded()).result()


async def fetch(url: str, **options: Any) -> HTTPResponse:
    """Get a page whatever its status."""
    client = AsyncHTTPClient(force_instance=True)
    try:
        return await client.fetch(
            HTTPRequest(url, follow_redirects=False, request_timeout=LIMIT, **options), raise_error=False
        )
    finally:
        client.close()


def get(url: str, **options: Any) -> HTTPResponse:
    """Get a page whatever its status."""
    return run(fetch(url, **options))


class Visitor:
    """One session as a browser has it. `await Visitor.open(url)`; then `document`, `send`, `settle`, `close`."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self._serial = 0
        self.patches: list[dict[str, Any]] = []
        self.bytes = 0
        self.models: dict[str, dict[str, Any]] = {}

    @classmethod
    async def open(cls, url: str, origin: str | None = None, drawn: bool = True, **headers: str) -> Visitor:
        page = await fetch(url, headers=headers)
        assert page.code == 200, page.code
        return await cls.connect(url, token_of(page.body.decode()), origin, drawn)

    @classmethod
    async def open_at(cls, page: str, query: str) -> Visitor:
        """Open a session of an application that has a path of its own."""
        answer = await fetch(page + query)
        assert answer.code == 200, answer.code
        return await cls.connect(page + "/", token_of(answer.body.decode()))

    @classmethod
    async def connect(cls, url: str, token: str, origin: str | None = None, drawn: bool = True) -> Visitor:
        address = re.sub(r"^http", "ws", url.split("?")[0]) + "ws"
        request = HTTPRequest(address, headers={"Origin": origin} if origin else {})
        socket = await websocket_connect(
            request, subprotocols=["bokeh", token], max_message_size=50_000_000, compression_options={}
        )
        # As browsers do; what is measured would else be this client's own waiting.
        socket.protocol.stream.set_nodelay(True)
        visitor = cls(socket)
        message = await visitor._read()
        assert message[0]["msgtype"] == "ACK", message
        await visitor._pull()
        if drawn:
            await visitor.draw()
        return visitor

    @property
    def wire_bytes(self) -> int:
        """How many bytes came over the wire; `bytes` are those of the messages in them."""
        found: int = self._socket.protocol._wire_bytes_in
        return found

    async def draw(self) -> None:
        """Say that the document has been drawn, as a browser does."""
        await self._event("document_ready", [])

    async def _frame(self) -> str | bytes:
        frame = await asyncio.wait_for(self._socket.read_message(), LIMIT)
        if frame is None:
            raise ConnectionError("the server closed the websocket")
        self.bytes += len(frame)
        return frame

    async def _read(self) -> tuple[dict[str, Any], dict[str, Any]]:
        header = json.loads(await self._frame())
        await self._frame()
        content = json.loads(await self._frame())
        for _ in range(header.get("num_buffers", 0)):
            await self._frame()
            await self._frame()
        return header, content

    async def _write(self, kind: str, content: dict[str, Any]) -> str:
        self._serial += 1
        identity = f"m{self._serial}"
        await self._socket.write_message(json.dumps({"msgid": identity, "msgtype": kind}))
        await self._socket.write_message("{}")
        await self._socket.write_message(json.dumps(content))
        return identity

    async def _until(self, identity: str) -> dict[str, Any]:
        """Read until the answer to a message, collecting the patches that come before it."""
        while True:
            header, content = await self._read()
            if header.get("reqid") == identity:
                return content
            if header["msgtype"] == "PATCH-DOC":
                self.patches.append(content)

    async def _pull(self) -> None:
        content = await self._until(await self._write("PULL-DOC-REQ", {}))
        self.document = content["doc"]
        self._collect(self.document)

    def _collect(self, node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object" and "id" in node:
                self.models[node["id"]] = node
            for value in node.values():
                self._collect(value)
        elif isinstance(node, list):
            for value in node:
                self._collect(value)

    def component(self, class_name: str) -> str:
        """Return the id of the first component of our own of this class."""
        return next(
            identity
            for identity, model in self.models.items()
            if model.get("attributes", {}).get("class_name") == class_name
        )

    async def _send(self, name: str, values: list[list[Any]]) -> str:
        event = {"type": "event", "name": name, "values": {"type": "map", "entries": values}}
        patch = {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]}
        return await self._write("PATCH-DOC", patch)

    async def _event(self, name: str, values: list[list[Any]]) -> None:
        content = await self._until(await self._send(name, values))
        assert "text" not in content, content

    async def say(self, class_name: str, data: dict[str, Any], until: Callable[[], Any]) -> None:
        """Send what a component of ours would send, and wait for the patch that makes `until` true."""
        await self._event("data_event", [["model", {"id": self.component(class_name)}], ["data", data]])
        await self.until(until)

    async def leave(self, class_name: str, data: dict[str, Any]) -> None:
        """Send what a component of ours would send, and close the tab without waiting for what comes of it."""
        await self._send("data_event", [["model", {"id": self.component(class_name)}], ["data", data]])
        self._socket.close()

    async def until(self, true: Callable[[], Any], times: int = 1) -> None:
        """Collect patches until something is true of them, for at most `times` as long as `LIMIT`."""
        async with asyncio.timeout(LIMIT * times):
            while not true():
                await self._until(await self._write("SERVER-INFO-REQ", {}))
                await asyncio.sleep(0.01)

    @property
    def seen(self) -> str:
        """Everything the browser has been sent, as text."""
        return json.dumps([self.document, self.patches], ensure_ascii=False)

    def last(self, attribute: str) -> Any:
        """Return the newest value the server set of an attribute, in patches only."""
        found = None
        for patch in self.patches:
            for event in patch["events"]:
                if event.get("kind") == "ModelChanged" and event.get("attr") == attribute:
                    found = event["new"]
        return found

    async def close(self) -> None:
        self._socket.close()
        while await self._socket.read_message() is not None:
            pass


def token_of(page: str) -> str:
    """Return the session's token from a page."""
    found = re.search(r'"token":"([^"]+)"', page)
    assert found, page[-3000:]
    return found.group(1)
