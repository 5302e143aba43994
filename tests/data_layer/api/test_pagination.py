"""Walks over pages: they end, and they know whether they came to the end."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api.page import Page
from data_layer.api.pagination import Leg, Walk
from data_layer.errors import KalshiConnectionError, KalshiNotFoundError, KalshiRequestError, PaginationError

Pages = dict[str, Page[str] | Exception]


class Exchange:
    """Hand out pages by cursor; an exception in their place is raised once or for ever."""

    def __init__(self, pages: Pages, *, once: bool = False) -> None:
        self.pages, self.once, self.asked = dict(pages), once, list[tuple[str, Mapping[str, object]]]()

    def __call__(self, path: str, params: Mapping[str, object]) -> Page[str]:
        self.asked.append((path, params))
        cursor = str(params.get("cursor", ""))
        found = self.pages[cursor]
        if isinstance(found, Exception):
            if self.once:
                self.pages[cursor] = Page(items=[f"after {cursor}"])
            raise found
        return found


def page(*items: str, cursor: str = "") -> Page[str]:
    return Page(items=list(items), cursor=cursor)


def walk(fetch: Exchange, **more: int) -> Walk[Page[str]]:
    return Walk(fetch, [Leg("/markets", {"status": "open"})], **more)


def test_a_walk_follows_the_cursor_with_the_same_filters_and_is_then_complete() -> None:
    exchange = Exchange({"": page("a", cursor="1"), "1": page("b", cursor="2"), "2": page("c")})
    walked = walk(exchange)
    assert [one.items for one in walked] == [["a"], ["b"], ["c"]]
    assert (walked.complete, walked.pages, walked.rows) == (True, 3, 3)
    assert [params for _, params in exchange.asked] == [
        {"status": "open"},
        {"status": "open", "cursor": "1"},
        {"status": "open", "cursor": "2"},
    ]


def test_a_walk_left_early_is_not_complete() -> None:
    walked = walk(Exchange({"": page("a", cursor="1"), "1": page("b")}))
    next(walked)
    assert not walked.complete


def test_a_failing_page_ends_the_walk_incomplete() -> None:
    walked = walk(Exchange({"": page("a", cursor="1"), "1": KalshiConnectionError("gone")}))
    with pytest.raises(KalshiConnectionError):
        list(walked)
    assert (walked.complete, walked.pages) == (False, 1)


@pytest.mark.parametrize("back_to", ["1", "2"])
def test_a_repeating_cursor_is_an_error(back_to: str) -> None:
    walked = walk(Exchange({"": page("a", cursor="1"), "1": page("b", cursor="2"), "2": page("c", cursor=back_to)}))
    with pytest.raises(PaginationError, match="circle"):
        list(walked)
    assert not walked.complete


def test_a_cursor_that_never_ends_is_stopped_at_the_ceiling() -> None:
    count = iter(range(10**9))
    walked = Walk(lambda path, params: page("a", cursor=str(next(count))), [Leg("/markets", {})], page_ceiling=50)
    with pytest.raises(PaginationError, match="no end"):
        list(walked)
    assert (walked.pages, walked.complete) == (50, False)


def test_an_empty_page_with_a_cursor_ends_the_walk_and_is_flagged() -> None:
    walked = walk(Exchange({"": page("a", cursor="1"), "1": page(cursor="2")}))
    assert [one.items for one in walked] == [["a"]]
    assert (walked.complete, walked.ended_on_empty_page) == (True, True)


def test_an_expired_cursor_restarts_the_walk_once() -> None:
    expired = KalshiRequestError("invalid cursor", status=400)
    walked = walk(Exchange({"": page("a", cursor="1"), "1": expired}, once=True))
    assert [one.items for one in walked] == [["a"], ["a"], ["after 1"]]
    assert (walked.complete, walked.restarts) == (True, 1)

    twice = walk(Exchange({"": page("a", cursor="1"), "1": expired}))
    with pytest.raises(PaginationError, match="twice"):
        list(twice)
    assert not twice.complete


def test_a_refused_first_page_is_our_fault_and_not_retried() -> None:
    exchange = Exchange({"": KalshiRequestError("invalid status filter", status=400)})
    with pytest.raises(KalshiRequestError):
        list(walk(exchange))
    assert len(exchange.asked) == 1


def test_the_callers_own_page_cap_truncates_without_an_error_or_an_extra_request() -> None:
    exchange = Exchange({"": page("a", cursor="1"), "1": page("b", cursor="2"), "2": page("c")})
    walked = walk(exchange, most_pages=2)
    assert len(list(walked)) == 2
    assert (walked.truncated, walked.complete) == (True, False)
    assert len(exchange.asked) == 2

    exact = walk(Exchange({"": page("a", cursor="1"), "1": page("b")}), most_pages=2)
    assert len(list(exact)) == 2
    assert (exact.truncated, exact.complete) == (False, True)


def test_a_tier_without_the_market_may_be_absent() -> None:
    class Tiers(Exchange):
        def __call__(self, path: str, params: Mapping[str, object]) -> Page[str]:
            if path == "/live":
                raise KalshiNotFoundError("moved")
            return page("old")

    legs = [Leg("/live", {}, may_be_absent=True), Leg("/historical", {}, may_be_absent=True)]
    walked = Walk(Tiers({}), legs)
    assert [one.items for one in walked] == [["old"]]
    assert walked.complete


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "a", "b", "c", "d", "e"])), max_size=12))
def test_any_sequence_of_pages_and_cursors_ends_with_each_page_handed_out_once(script: list[tuple[int, str]]) -> None:
    handed: list[Page[str]] = []
    source = iter(script)

    def fetch(path: str, params: Mapping[str, object]) -> Page[str]:
        count, cursor = next(source, (0, ""))
        handed.append(page(*("x" for _ in range(count)), cursor=cursor))
        return handed[-1]

    walked = Walk(fetch, [Leg("/markets", {})])
    got: list[Page[str]] = []
    try:
        for one in walked:
            got.append(one)
    except PaginationError:
        assert not walked.complete
    else:
        assert walked.complete
        last = handed[-1]
        assert last.cursor == "" or last.is_empty
    kept = handed[:-1] if walked.ended_on_empty_page else handed
    assert [id(one) for one in got] == [id(one) for one in kept]
