"""(g) CPU of a session, (i) its memory, (k) bytes on load: what one more visitor of the dashboard costs."""

from __future__ import annotations

import statistics
import time

from benchmarks.measuring import Row
from benchmarks.serving import Server
from tests.app.protocol import Visitor, run

SESSIONS = 50


class Crowd:
    """Visitors who come one after the other and stay: what they cost the server, idle taken off."""

    def __init__(self, server: Server, query: str) -> None:
        self.server, self.query = server, query

    async def come(self) -> Crowd:
        warm = [await self._one() for _ in range(3)]
        idle_from, idle_cpu = time.perf_counter(), self.server.cpu_seconds
        time.sleep(4)
        self.idle = (self.server.cpu_seconds - idle_cpu) / (time.perf_counter() - idle_from)
        self.megabytes = self.server.megabytes
        started, cpu = time.perf_counter(), self.server.cpu_seconds
        came = [await self._one() for _ in range(SESSIONS)]
        spent = self.server.cpu_seconds - cpu - self.idle * (time.perf_counter() - started)
        self.milliseconds = spent / SESSIONS * 1000
        self.loaded = statistics.median(visitor.wire_bytes for visitor in came)
        self.said = statistics.median(visitor.bytes for visitor in came)
        self.open_megabytes = self.server.megabytes
        for visitor in [*came, *warm]:
            await visitor.close()
        return self

    async def _one(self) -> Visitor:
        return await Visitor.open(self.server.url(self.query))


def sessions(server: Server, bare: Server) -> list[Row]:
    """Return (g), (i) and the bytes on load of (k)."""
    crowd, floor = run(Crowd(server, "?page=markets").come()), run(Crowd(bare, "").come())
    time.sleep(25)  # unused sessions are dropped after 15 s
    after, each = server.megabytes, crowd.milliseconds
    memory = (crowd.open_megabytes - crowd.megabytes) / SESSIONS
    note = f"{SESSIONS} sessions; {crowd.idle:.0%} of a core when idle is taken off"
    return [
        Row("(g) session creation, CPU", each, each, "bare Panel page", floor.milliseconds, 400, note),
        Row(
            f"(i) memory a session: {memory:.2f} MB (target 3)",
            0,
            0,
            note=f"RSS {crowd.megabytes:.0f} -> {crowd.open_megabytes:.0f} -> {after:.0f} MB after closing",
        ),
        Row(
            f"(k) bytes on load: {crowd.loaded / 1000:.0f} kB over the websocket (target 250)",
            0,
            0,
            note=f"{crowd.said / 1000:.0f} kB before compression",
        ),
    ]
