"""Take medians of interleaved rounds, so that a busy machine slows both sides of a ratio."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the result: what was measured, against what, and the target it has."""

    name: str
    milliseconds: float
    p95: float
    baseline: str = ""
    baseline_milliseconds: float | None = None
    target_milliseconds: float | None = None
    note: str = ""
    others: dict[str, float] = field(default_factory=dict)
    #: Whether the target is one for 19 of 20 times, not for the median.
    judged_by_p95: bool = False

    @property
    def verdict(self) -> str:
        if self.target_milliseconds is None:
            return ""
        judged = self.p95 if self.judged_by_p95 else self.milliseconds
        return "ok" if judged <= self.target_milliseconds else "ABOVE"


def rounds(measured: Callable[[], object], baseline: Callable[[], object] | None = None, times: int = 15):
    """Return (measured, baseline) milliseconds, one of each per round, after one warm-up each."""
    mine: list[float] = []
    theirs: list[float] = []
    measured()
    if baseline is not None:
        baseline()
    for turn in range(times):
        gc.collect()
        mine.append(_once(measured))
        if baseline is not None and (turn < 5 or theirs[-1] < 1_000):
            theirs.append(_once(baseline))
    return mine, theirs


def _once(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def row(
    name: str,
    mine: list[float],
    theirs: list[float],
    baseline: str,
    target: float | None,
    note: str = "",
    *,
    judged_by_p95: bool = False,
) -> Row:
    ordered = sorted(mine)
    return Row(
        name,
        statistics.median(mine),
        ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        baseline,
        statistics.median(theirs) if theirs else None,
        target,
        note,
        judged_by_p95=judged_by_p95,
    )


def printed(rows: list[Row]) -> str:
    """Return the table as Markdown."""
    load = os.getloadavg()[0]
    lines = [
        f"{os.cpu_count()} cores, load {load:.1f}",
        "",
        "| what | median ms | p95 ms | target ms | | baseline | its ms | ratio | note |",
        "|---|--:|--:|--:|---|---|--:|--:|---|",
    ]
    for item in rows:
        target = "" if item.target_milliseconds is None else f"{item.target_milliseconds:,.0f}"
        target += " (p95)" if item.judged_by_p95 else ""
        base = "" if item.baseline_milliseconds is None else f"{item.baseline_milliseconds:,.1f}"
        ratio = ""
        if item.baseline_milliseconds is not None and item.milliseconds:
            times = item.baseline_milliseconds / item.milliseconds
            ratio = f"{times:,.1f}x" if times >= 1 else f"{times:.2f}x"
        lines.append(
            f"| {item.name} | {item.milliseconds:,.1f} | {item.p95:,.1f} | {target} | {item.verdict} | "
            f"{item.baseline} | {base} | {ratio} | {item.note} |"
        )
    return "\n".join(lines) + "\n"
