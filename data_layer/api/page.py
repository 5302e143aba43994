"""What one request brought: typed rows, what was rejected, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from data_layer.api.wire import Candlestick, Event, Milestone

T = TypeVar("T")

Tier = Literal["live", "historical"]


@dataclass(frozen=True)
class RejectedRow:
    """One row that could not be read. `excerpt` is the exchange's own text: untrusted."""

    key: str | None
    reason: str
    excerpt: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """One decoded response.

    `fetched_at` is Unix seconds, `nbytes` the decoded size of the body. `unknown_fields` are keys this
    version does not know (never an error), sampled from the first row. Rows may repeat across pages
    because the exchange's pages are no snapshot: whoever collects them keeps the last row of each key.
    """

    items: list[T]
    cursor: str = ""
    fetched_at: float = 0.0
    path: str = ""
    request_params: Mapping[str, object] = field(default_factory=dict)
    rejected: tuple[RejectedRow, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    nbytes: int = 0

    @property
    def is_empty(self) -> bool:
        """True if the exchange sent no row at all, good or bad."""
        return not self.items and not self.rejected


@dataclass(frozen=True)
class EventPage(Page[Event]):
    """A page of events; `rejected` also holds the unreadable ones among their nested markets."""

    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True)
class Candlesticks:
    """The candlesticks of one market, ascending by end, each end once; a period without change has no row.

    `tier` says which history they came from; the shape is the same. `requests` is how many calls it took.
    """

    ticker: str
    period_interval: int
    items: list[Candlestick]
    tier: Tier = "live"
    fetched_at: float = 0.0
    rejected: tuple[RejectedRow, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    nbytes: int = 0
    requests: int = 0
