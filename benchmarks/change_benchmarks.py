"""(h) filter change to last patch, and (k) its bytes; (l) search palette; (m) an event of 400 outcomes.

After each change of the dashboard the bare application makes one, seen by the same kind of visitor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.measuring import Row, row
from benchmarks.serving import Server
from tests.app.protocol import Visitor, run

Message = dict[str, Any]

FLOOR = "bare Panel: a message sets one text"
WORDS = ("rain", "points", "above", "will", "total", "winner", "price", "score", "over", "new")


class Changes:
    """Changes in milliseconds, `mine` and in turn with them `theirs`: those of the bare application."""

    def __init__(self, bare: Visitor) -> None:
        self._bare = bare
        self.mine: list[float] = []
        self.theirs: list[float] = []

    @classmethod
    async def beside(cls, bare: Server) -> Changes:
        return cls(await Visitor.open(bare.url()))

    async def make(self, visitor: Visitor, component: str, message: Message, until: Callable[[], bool]) -> None:
        self.mine.append(await _timed(visitor, component, message, until))
        self.theirs.append(await _timed(self._bare, "Button", {}, lambda: self._bare.last("text") is not None))

    async def end(self, *visitors: Visitor) -> Changes:
        for visitor in (self._bare, *visitors):
            await visitor.close()
        return self

    def row(self, name: str, target: float, note: str = "") -> Row:
        return row(name, self.mine, self.theirs, FLOOR, target, note, judged_by_p95=True)


async def _timed(visitor: Visitor, component: str, message: Message, until: Callable[[], bool]) -> float:
    visitor.patches.clear()
    started = time.perf_counter()
    await visitor.say(component, message, until)
    return (time.perf_counter() - started) * 1000


def filters(server: Server, bare: Server, markets: int, times: int = 40) -> list[Row]:
    """Return (h) and the bytes a filter change of (k)."""
    sent: list[int] = []
    said: list[int] = []

    async def visit() -> Changes:
        visitor, changes = await Visitor.open(server.url("?page=markets")), await Changes.beside(bare)
        for n in range(times):
            wire, before = visitor.wire_bytes, visitor.bytes
            word = f"{WORDS[n % len(WORDS)]}{' ' * (n // len(WORDS))}"
            message = {"key": "text", "value": word}
            await changes.make(visitor, "FilterBar", message, lambda: visitor.last("rows") is not None)
            sent.append(visitor.wire_bytes - wire)
            said.append(visitor.bytes - before)
        return await changes.end(visitor)

    changes = run(visit(), times=10)
    note = f"{statistics.median(sent) / 1000:.1f} kB a change (target 20)"
    note += f", {statistics.median(said) / 1000:.1f} before compression"
    return [changes.row(f"(h) filter change to last patch, {markets:,} markets", 200, note)]


#: Typed letter by letter: names, misspellings, tickers, several words.
TYPED = ("bitcoin", "temprature new", "kxnba", "presidnet", "rain in new york")


def palette(server: Server, bare: Server, markets: int) -> list[Row]:
    """Return (l): a key in the search field until the last patch of its answer, every letter a question."""

    async def visit() -> Changes:
        visitor, changes = await Visitor.open(server.url("?page=markets")), await Changes.beside(bare)
        texts = [text[:length] for text in TYPED for length in range(1, len(text) + 1)]
        for serial, text in enumerate(["x", *texts], 1):

            def answered(serial: int = serial) -> bool:
                found = visitor.last("found")
                return found is not None and ["serial", serial] in found["entries"]

            await changes.make(visitor, "Palette", {"kind": "ask", "text": text, "serial": serial}, answered)
        changes.mine.pop(0)  # it waited until the names were read
        return await changes.end(visitor)

    changes = run(visit(), times=10)
    note = f"{len(changes.mine)} keystrokes; the visitor looks every 10 ms"
    return [changes.row(f"(l) search palette, {markets:,} markets", 100, note)]


#: The simulated exchange's event of 400 outcomes, and columns of its table.
LARGE_EVENT = "KXNOBELPEACE-27"
EVENT_SORTS = ("volume24h", "probability", "outcome", "interest", "spread")


def large_event(server: Server, bare: Server, markets: int) -> list[Row]:
    """Return (m): an event of 400 outcomes until its page is there, and a sort of its table to the last patch."""

    async def opened(address: str, spent: list[float]) -> Visitor:
        started = time.perf_counter()
        visitor = await Visitor.open(address)
        spent.append((time.perf_counter() - started) * 1000)
        return visitor

    async def visit() -> tuple[list[float], list[float], Changes]:
        mine, theirs, changes = list[float](), list[float](), await Changes.beside(bare)
        for _ in range(5):
            visitor = await opened(server.url(f"?page=event&event={LARGE_EVENT}"), mine)
            await (await opened(bare.url(), theirs)).close()
            for word in EVENT_SORTS:
                message = {"kind": "sort", "sort": word}
                await changes.make(visitor, "PagedTable", message, lambda held=visitor: held.last("rows") is not None)
            await visitor.close()
        return mine, theirs, await changes.end()

    mine, theirs, changes = run(visit(), times=10)
    name = f"(m) event of 400 outcomes, {{}}, {markets:,} markets"
    return [
        row(name.format("first page"), mine, theirs, "bare Panel page", 1500, judged_by_p95=True),
        changes.row(name.format("sort to last patch"), 200),
    ]
