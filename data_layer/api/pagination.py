"""A walk over pages that ends, and that says whether it came to the end.

The exchange's pages are no snapshot: while one walks, rows move, repeat or are missed. Whoever collects the rows
keeps the last one of each key. A walk that was restarted (its cursor expired) hands out its first pages again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from data_layer.api.page import Page
from data_layer.errors import KalshiNotFoundError, KalshiRequestError, PaginationError

P = TypeVar("P", bound=Page[Any])

PAGE_CEILING = 5000


@dataclass(frozen=True)
class Leg:
    """One question to page through: the same path and filters on every page."""

    path: str
    params: Mapping[str, object]
    may_be_absent: bool = False
    """True if a 404 on the first page only means that there is nothing on this tier."""


class Walk(Generic[P], Iterator[P]):
    """Iterate over the pages of one or more questions.

    `complete` is True only after the last page of the last question was handed out. It stays False when the walk
    raised, was left early, or stopped at the caller's own `most_pages` (`truncated` is True then). `restarts` counts
    cursors that expired (rows repeat after one), `ended_on_empty_page` flags the odd end of an empty page that
    still had a cursor: worth comparing with the last known size.
    """

    def __init__(
        self,
        fetch: Callable[[str, Mapping[str, object]], P],
        legs: Sequence[Leg],
        *,
        most_pages: int | None = None,
        page_ceiling: int = PAGE_CEILING,
    ) -> None:
        self._fetch = fetch
        self._most_pages = most_pages
        self._page_ceiling = max(page_ceiling, most_pages or 0)
        self.pages = 0
        self.rows = 0
        self.rejected = 0
        self.nbytes = 0
        self.restarts = 0
        self.ended_on_empty_page = False
        self.truncated = False
        self.complete = False
        self._pages = self._walk(legs)

    def __next__(self) -> P:
        return next(self._pages)

    def __repr__(self) -> str:
        return f"Walk(pages={self.pages}, rows={self.rows}, complete={self.complete})"

    def _walk(self, legs: Sequence[Leg]) -> Iterator[P]:
        for index, leg in enumerate(legs, start=1):
            for page in self._walk_leg(leg):
                self._count(page)
                yield page
                if self.pages == self._most_pages and (page.cursor or index < len(legs)):
                    self.truncated = True
                    return
        self.complete = True

    def _count(self, page: P) -> None:
        self.pages += 1
        self.rows += len(page.items)
        self.rejected += len(page.rejected)
        self.nbytes += page.nbytes

    def _walk_leg(self, leg: Leg) -> Iterator[P]:
        cursor, seen, fetched = "", set[str](), 0
        while True:
            fetched += 1
            if fetched > self._page_ceiling:
                raise PaginationError(f"{leg.path} has no end: stopped after {self._page_ceiling} pages.")
            try:
                page = self._fetch(leg.path, {**leg.params, "cursor": cursor} if cursor else leg.params)
            except KalshiNotFoundError:
                if leg.may_be_absent and not cursor:
                    return
                raise
            except KalshiRequestError as error:
                if not cursor or error.status != 400:
                    raise
                self._restart(leg, error)
                cursor, seen = "", set()
                continue
            if page.is_empty and page.cursor:
                self.ended_on_empty_page = True
                return
            yield page
            cursor = page.cursor
            if not cursor:
                return
            if cursor in seen:
                raise PaginationError(f"{leg.path} sent the same cursor twice: its pages go in a circle.")
            seen.add(cursor)

    def _restart(self, leg: Leg, error: KalshiRequestError) -> None:
        if self.restarts:
            raise PaginationError(f"{leg.path} refused its own cursor twice ({error}).") from error
        self.restarts += 1
