"""Faults 1-33 of the exchange, driven through sockets, ingest, the lake and the repository: stored, shown, said.

Each fault strikes a crawl over a lake that already holds one. Either the crawl is whole, or nothing of it is published;
the older list stays, its age too, and the reason is in words.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from data_layer.api import KalshiClient, RetryPolicy, Unlimited
from data_layer.demo import FAULTS, RunningExchange, start_exchange
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake

#: With the fault on, the crawl still comes to its end and is right: what was wrong is repaired, harmless or rejected.
HARMLESS = {
    "duplicate-keys": "the last of two equal keys counts, as in every JSON reader",
    "same-market-twice": "the later row of a market counts, and the repetition is counted",
    "market-moves": "the walk's pages are no snapshot; the next crawl brings what this one missed",
    "disagreeing-forms": "dollars count, cents are never read",
    "field-added": "an unknown key is named as a condition, never an error",
    "row-without-ticker": "the row is kept as a reject, the rest of the page is used",
    "cursor-400": "an expired cursor restarts the walk once",
    "huge-number": "it stands under a key nobody reads",
    "retry-after": "asked to wait three seconds, it waits and goes on",
}
OPTIONS = {"late": {"seconds": 5}, "refused": {"seconds": 5}, "page-fails": {"page": 2}, "cursor-400": {"page": 2}}
#: Which part of a sentence a person must find.
SAID = {
    "too-many-requests": "too many",
    "status-401": "401",
    "status-403": "403",
    "cents": "cent",
    "shrunk": "shrunk",
    "redirect-host": "redirect",
    "redirect-loop": "redirect",
}


@pytest.fixture(scope="module")
def exchange() -> Iterator[RunningExchange]:
    with start_exchange(markets=4500, settled=200, seed=5, requests_per_second=None) as running:
        yield running


@pytest.fixture
def stored(exchange, tmp_path):
    """A lake with one good crawl, its ingest (impatient, without waits between attempts), and its repository."""
    client = KalshiClient(
        [exchange.base_url],
        rate_limit=Unlimited(),
        policy=RetryPolicy(attempts=2, deadline_seconds=8.0, first_ceiling_seconds=0.01),
        silence_timeout_seconds=2.0,
    )
    lake = Lake(tmp_path / "lake")
    with client, lake.writer() as writer:
        ingest = Ingest(client, writer, "demo")
        assert ingest.universe().outcome == "complete"
        repository = MarketRepository(lake, "demo", follow=False)
        repository.advance()
        yield ingest, repository
        exchange.clear_faults()
        repository.close()


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_crawl_under_a_fault_is_whole_or_not_published(exchange, stored, fault):
    ingest, repository = stored
    before = repository.snapshot_info()
    exchange.set_fault(fault, path="/events", **OPTIONS.get(fault, {}))
    started = time.monotonic()
    report = ingest.universe()
    exchange.clear_faults()
    assert time.monotonic() - started < 60, "a fault may not hold the refresher for ever"
    repository.advance()
    after = repository.snapshot_info()
    if report.outcome == "complete":
        assert fault in HARMLESS, f"{fault} went by unnoticed"
        assert after.open_markets > 0.9 * before.open_markets
        return
    assert fault not in {"same-market-twice", "field-added", "row-without-ticker", "disagreeing-forms"}
    assert report.outcome == "failed"
    assert (after.as_of, after.open_markets) == (before.as_of, before.open_markets), "the older list stays as it was"
    assert report.error, "nobody is told"
    assert not report.error.startswith(("Traceback", "HTTPConnectionPool"))
    assert SAID.get(fault, "") in report.error.lower()
    assert any(report.error in said for said in after.conditions), "the screen does not say it"
    log = repository.refreshes().rows()[0]
    assert (log["outcome"], log["error"]) == ("failed", report.error)


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        ("cents", "drift:cents_instead_of_dollars"),
        ("field-removed", "drift:field_removed"),
        ("type-changed", "drift:type_changed"),
        ("rows-null", "drift:container_changed"),
        ("rows-object", "drift:container_changed"),
        ("shrunk", "shrunk:"),
    ],
)
def test_changed_shape_is_a_named_condition_on_the_screen(exchange, stored, fault, condition):
    ingest, repository = stored
    exchange.set_fault(fault, path="/events")
    ingest.universe()
    repository.advance()
    assert any(condition in said for said in repository.snapshot_info().conditions)


def test_row_without_identity_is_kept_as_a_reject(exchange, stored):
    ingest, repository = stored
    exchange.set_fault("row-without-ticker", path="/events")
    report = ingest.universe()
    repository.advance()
    assert report.outcome == "complete"
    assert report.rejected
    assert repository.snapshot_info().rejected == report.rejected
    assert repository.rejects().rows()[0]["reason"]


def test_exchange_that_recovers_is_believed_again(exchange, stored):
    ingest, repository = stored
    before = repository.snapshot_info().as_of
    exchange.set_fault("status-500", path="/events")
    assert ingest.universe().outcome == "failed"
    exchange.clear_faults()
    assert ingest.universe().outcome == "complete"
    repository.advance()
    assert repository.snapshot_info().as_of > before
    assert not [said for said in repository.snapshot_info().conditions if "universe" in said]
