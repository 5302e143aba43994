"""The present quote as charts get it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from app.models.present import Ending, Present
from components.charts.line_ends import LineEnd
from components.charts.present import PresentQuote


def quote_of(present: Present | None) -> PresentQuote | None:
    """Return a present quote as a chart gets it."""
    return None if present is None else PresentQuote(**dataclasses.asdict(present))


def end_of(ending: Ending | None) -> LineEnd | None:
    """Return the end of a line as a chart gets it."""
    if ending is None:
        return None
    return LineEnd(PresentQuote(**dataclasses.asdict(ending.quote)), ending.since, ending.until)


def dots(endings: Iterable[Ending | None]) -> str:
    """Return what a chart's note says of dots; empty where no line ends in a present quote."""
    return ", a dot where the present quote is" if any(ending is not None for ending in endings) else ""
