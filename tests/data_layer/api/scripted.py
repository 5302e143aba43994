"""What the wire's tests are made of: a scripted server on loopback, a clock that only moves by sleeping, rows."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    at: float

    def params(self) -> dict[str, str]:
        return dict(self.query)


def http_answer(body: bytes | object = b"{}", status: int = 200, headers: dict[str, str] | None = None) -> bytes:
    """Spell a whole HTTP/1.1 answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in lines.items() if value), "", ""]
    return "\r\n".join(head).encode() + content


Handler = Callable[[Asked, socket.socket], bytes | None]


@dataclass
class ScriptedServer:
    """Answer each request with what `handler` returns; a handler may also write to the socket itself."""

    handler: Handler
    asked: list[Asked] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/trade-api/v2"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connected)
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        try:
            while request := self._read(connected):
                self.asked.append(request)
                answer = self.handler(request, connected)
                if answer is None:
                    break
                connected.sendall(answer)
        except OSError:
            pass  # the client hung up, which is often the point of the test
        finally:
            self._open.discard(connected)
            connected.close()

    def _read(self, connected: socket.socket) -> Asked | None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = connected.recv(65536)
            if not more:
                return None
            head += more
        first, *lines = head.decode("latin-1").split("\r\n")
        target = urlsplit(first.split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        query = parse_qsl(target.query, keep_blank_values=True)
        return Asked(target.path.removeprefix("/trade-api/v2"), query, headers, time.monotonic())


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def market(ticker: str = "KXA-1", **more: object) -> dict[str, object]:
    """Spell a market as the wire does; None takes a key out."""
    row: dict[str, object] = {
        "ticker": ticker,
        "event_ticker": "KXA",
        "market_type": "binary",
        "status": "active",
        "close_time": "2026-12-01T00:00:00Z",
        "yes_bid_dollars": "0.4000",
        "yes_ask_dollars": "0.4200",
        "last_price_dollars": "0.4100",
        "volume_fp": "10.00",
        "open_interest_fp": "5.00",
        **more,
    }
    return {name: value for name, value in row.items() if value is not None}


def candle(end: int, **more: object) -> dict[str, object]:
    """Spell a live candlestick."""
    quote = {"open_dollars": "0.40", "low_dollars": "0.40", "high_dollars": "0.40", "close_dollars": "0.40"}
    return {
        "end_period_ts": end,
        "yes_bid": quote,
        "yes_ask": quote,
        "price": {},
        "volume_fp": "0.00",
        "open_interest_fp": "5.00",
        **more,
    }
