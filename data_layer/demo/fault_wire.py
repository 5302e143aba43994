"""Faults on the wire: answers that stop, drip, lie about their length or are not what they say."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from tornado.iostream import IOStream, StreamClosedError
from tornado.web import RequestHandler

Hold = Callable[[float], Awaitable[None]]
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def detached(handler: RequestHandler) -> IOStream:
    """Take the connection away from Tornado."""
    stream = handler.detach()
    handler._auto_finish = False
    handler._finished = True
    return stream


async def _write(stream: IOStream, data: bytes) -> bool:
    try:
        await stream.write(data)
    except StreamClosedError:
        return False
    return True


async def no_answer(handler: RequestHandler, body: bytes, hold: Hold, *, seconds: float = 60) -> None:
    """Say nothing at all."""
    stream = detached(handler)
    await hold(seconds)
    stream.close()


async def hang_after_headers(handler: RequestHandler, body: bytes, hold: Hold, *, seconds: float = 60) -> None:
    """Send headers, then nothing."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
    await hold(seconds)
    stream.close()


async def drip(handler: RequestHandler, body: bytes, hold: Hold, *, seconds: float = 60, every: float = 0.5) -> None:
    """Send a byte every half second: each arrives in time, the answer never does."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
    for place in range(min(len(body), int(seconds / every))):
        if not await _write(stream, body[place : place + 1]):
            return
        await hold(every)
    stream.close()


async def reset(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Send half of the answer and reset the connection."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


async def short_content_length(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Announce fewer bytes than the answer has."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % (len(body) // 2) + body)
    stream.close()


async def truncated_body(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Announce the whole answer, send half, close."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])
    stream.close()


async def truncated_chunk(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Announce a chunk and send half of it."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body[: len(body) // 2])
    stream.close()


async def truncated_json(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Send half of the answer, its end marked by nothing but the connection's."""
    stream = detached(handler)
    await _write(stream, _HEAD + b"Connection: close\r\n\r\n" + body[: len(body) // 2])
    stream.close()


async def late(handler: RequestHandler, body: bytes, hold: Hold, *, seconds: float = 35) -> None:
    """Answer well, long after anybody waits."""
    await hold(min(seconds, 60))
    if not handler.request.connection.stream.closed():  # type: ignore[union-attr]
        await handler.finish(body)


@cache
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * 1_000_000
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


async def gzip_bomb(handler: RequestHandler, body: bytes, hold: Hold, *, megabytes: int = 200) -> None:
    """Send 200 kB that unpack to 200 MB."""
    handler.set_header("Content-Encoding", "gzip")
    await handler.finish(_bomb(megabytes))


async def false_gzip(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Say gzip and send plain text."""
    handler.set_header("Content-Encoding", "gzip")
    await handler.finish(body)


async def broken_gzip(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Send gzip that ends early."""
    handler.set_header("Content-Encoding", "gzip")
    packed = gzip.compress(body)
    await handler.finish(packed[: len(packed) // 2])


def _as_is(change: Callable[[bytes], bytes]) -> Callable[..., Awaitable[None]]:
    async def send(handler: RequestHandler, body: bytes, hold: Hold) -> None:
        await handler.finish(change(body))

    return send


def _first_member(text: bytes) -> Callable[[bytes], bytes]:
    return lambda body: b"{" + text + b"," + body[1:] if body[1:2] != b"}" else b"{" + text + b"}"


async def captcha(handler: RequestHandler, body: bytes, hold: Hold) -> None:
    """Answer 200 with a page that asks whether you are human."""
    handler.set_header("Content-Type", "text/html; charset=UTF-8")
    await handler.finish("<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Verify you are human"
                         "<script>window.__demo_captcha=1</script></body></html>")  # fmt: skip


ON_THE_WIRE: dict[str, Callable[..., Awaitable[Any]]] = {
    "no-answer": no_answer,
    "hang-after-headers": hang_after_headers,
    "drip": drip,
    "reset": reset,
    "short-content-length": short_content_length,
    "truncated-body": truncated_body,
    "truncated-chunk": truncated_chunk,
    "truncated-json": truncated_json,
    "captcha": captcha,
    "gzip-bomb": gzip_bomb,
    "false-gzip": false_gzip,
    "broken-gzip": broken_gzip,
    "latin-1": _as_is(_first_member('"note":"café à la crème"'.encode("latin-1"))),
    "bom": _as_is(lambda body: b"\xef\xbb\xbf" + body),
    "surrogates": _as_is(_first_member(rb'"note":"\ud800 alone"')),
    "nan": _as_is(_first_member(b'"note":NaN,"other":-Infinity')),
    "huge-number": _as_is(_first_member(b'"note":1e400')),
    "duplicate-keys": _as_is(lambda body: body[:-1] + b',"cursor":"","cursor":"twice"}'),
    "deep": _as_is(_first_member(b'"note":' + b"[" * 10_000 + b"]" * 10_000)),
    "late": late,
}


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until an event happens or a time (at most a minute) has passed."""
    try:
        await asyncio.wait_for(event.wait(), min(seconds, 60))
    except TimeoutError:
        return
