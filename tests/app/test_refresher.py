"""The background work: what is fetched when, who writes, and what people are told."""

from __future__ import annotations

import importlib.util
import sys
import threading
import time
from pathlib import Path

import pytest

from app.hub import Hub
from app.refresher import RETRY_SECONDS, Refresher, Rhythm
from data_layer.errors import KalshiConnectionError
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake

_spec = importlib.util.spec_from_file_location(
    "wire_samples", Path(__file__).parents[1] / "data_layer" / "wire_samples.py"
)
wire_samples = importlib.util.module_from_spec(_spec)
sys.modules["wire_samples"] = wire_samples
_spec.loader.exec_module(wire_samples)
NOW, FakeClient, event, market = (getattr(wire_samples, name) for name in ("NOW", "FakeClient", "event", "market"))


class Clock:
    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Client(FakeClient):
    def close(self) -> None:
        pass


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def refresher(tmp_path, clock):
    client = Client([event(markets=[market(), market("KXTEST-27JAN15-B")])])
    client.markets = list(client.events[0].markets)
    repository = MarketRepository(Lake(tmp_path / "lake", clock=clock), "demo", clock=clock, follow=False)
    yield Refresher(client, repository, Hub(), Rhythm(900, 30, 86_400, 10), clock)
    repository.close()


def step(refresher: Refresher, writer) -> str | None:
    """Do the next thing that is due, as the thread would."""
    if refresher._ingest is None:
        refresher._ingest = Ingest(refresher.client, writer, "demo", refresher._clock, refresher._on_page)
    kind = refresher._next_due()
    if kind is not None:
        refresher._do(kind, refresher._ingest)
    return kind


def drain(refresher: Refresher, writer) -> list[str]:
    done = []
    while (kind := step(refresher, writer)) is not None:
        done.append(kind)
    return done


def test_first_start_fetches_the_markets_before_anything_else(refresher):
    with refresher.repository.lake.writer() as writer:
        assert step(refresher, writer) == "universe"
        assert refresher.repository.snapshot_info().open_markets == 2


def test_each_thing_is_due_again_after_its_own_time(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        clock.now += 31
        assert drain(refresher, writer) == ["watch"]
        clock.now += 900
        assert set(drain(refresher, writer)) == {"universe", "watch"}


def test_failure_is_told_retried_soon_and_leaves_the_older_snapshot(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        clock.now += 901
        refresher.client.fail = KalshiConnectionError("No answer from Kalshi.")
        drain(refresher, writer)
        progress = refresher.progress()
        assert progress.error == "No answer from Kalshi."
        assert refresher.repository.snapshot_info().open_markets == 2
        clock.now += RETRY_SECONDS + 1
        assert "universe" in drain(refresher, writer)
        assert refresher.progress().error is None


def test_exchange_counts_as_unreachable_until_anything_answers(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        refresher.client.fail = KalshiConnectionError("No answer from Kalshi.")
        assert step(refresher, writer) == "universe"
        assert refresher.progress().live_unreachable_since is not None
        assert refresher.progress().next_attempt is not None
        assert step(refresher, writer) == "series"
        assert refresher.progress().live_unreachable_since is None
        assert refresher.progress().error == "No answer from Kalshi."


def test_publication_reaches_the_hub_once_per_snapshot(refresher):
    with refresher.repository.lake.writer() as writer:
        step(refresher, writer)
        published = refresher._hub.version
        refresher._look()
        assert refresher._hub.version == published == 1


def test_what_sessions_show_is_read_before_they_are_told(refresher, monkeypatch):
    done = []
    monkeypatch.setattr(refresher.repository, "prepare", lambda: done.append("read"))
    monkeypatch.setattr(refresher._hub, "publish", lambda: done.append("told"))
    with refresher.repository.lake.writer() as writer:
        step(refresher, writer)
        assert done == ["told"]  # nobody looks
        monkeypatch.setattr(Hub, "sessions", 1)
        step(refresher, writer)
        assert done == ["told", "read", "told"]


def test_what_sessions_show_is_read_again_every_minute(refresher, clock, monkeypatch):
    done = []
    monkeypatch.setattr(refresher.repository, "prepare", lambda: done.append(clock.now))
    monkeypatch.setattr(Hub, "sessions", 1)
    for seconds in (0, 1, 60, 1):
        clock.now += seconds
        refresher._wake.set()
        refresher._idle()
    assert done == [NOW, NOW + 61]


def test_shown_markets_join_the_watch_set_and_leave_it_later(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        refresher._rhythm = Rhythm(900, 30, 86_400, 0)
        refresher.show(["KXTEST-27JAN15-B"])
        assert refresher._watch_set() == ["KXTEST-27JAN15-B"]
        clock.now += 3600
        assert refresher._watch_set() == []


def test_histories_of_the_most_traded_markets_are_fetched_then_only_extended(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        spans = [body for kind, body in refresher.client.asked if kind == "candlesticks"]
        assert {body["ticker"] for body in spans} == {"KXTEST-27JAN15-A", "KXTEST-27JAN15-B"}
        assert {body["end"] - body["start"] for body in spans} == {9 * 86_400}
        refresher.client.asked.clear()
        clock.now += 3601
        drain(refresher, writer)
        spans = [body for kind, body in refresher.client.asked if kind == "candlesticks"]
        assert {body["end"] - body["start"] for body in spans} == {3601 + 7200}


def test_a_market_that_is_new_among_the_most_traded_does_not_have_the_others_fetched_again(
    refresher, clock, monkeypatch
):
    monkeypatch.setattr("app.histories.HISTORIES_MARKETS_A_STEP", 1)
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        refresher.histories._until.pop("KXTEST-27JAN15-B")
        refresher.client.asked.clear()
        clock.now += 3601
        drain(refresher, writer)
        asked = [body for kind, body in refresher.client.asked if kind == "candlesticks"]
        spans = [(body["ticker"][-1], body["end"] - body["start"]) for body in asked]
        assert spans == [("B", 9 * 86_400), ("A", 3601 + 7200)]


def test_a_list_that_draws_lines_has_their_candlesticks_fetched_once_an_hour(refresher, clock):
    """Movers are seldom among the most traded: without this their lines, z and old prices stay n/a."""
    refresher._rhythm = Rhythm(900, 30, 86_400, 10, history_markets=1)
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        fetched = {body["ticker"] for kind, body in refresher.client.asked if kind == "candlesticks"}
        (rest,) = {"KXTEST-27JAN15-A", "KXTEST-27JAN15-B"} - fetched
        refresher.client.asked.clear()
        refresher.show([*fetched, rest])
        refresher.histories.step()
        assert not refresher.client.asked, "no lines are drawn"
        for _ in range(2):
            refresher.show([*fetched, rest], lines=True)
            refresher.histories.step()
        (asked,) = [body for kind, body in refresher.client.asked if kind == "candlesticks"]
        assert (asked["ticker"], asked["end"] - asked["start"]) == (rest, 9 * 86_400)
        clock.now += 3601
        refresher.show([rest], lines=True)
        refresher.histories.step()
        assert refresher.client.asked[-1][1]["end"] - refresher.client.asked[-1][1]["start"] == 3601 + 7200


def test_lines_that_could_not_be_fetched_are_fetched_when_they_are_drawn_again(refresher, monkeypatch):
    def nobody(*_asked):
        raise KalshiConnectionError("No answer from Kalshi.")

    refresher._rhythm = Rhythm(900, 30, 86_400, 10, history_markets=0)
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        refresher.client.asked.clear()
        with monkeypatch.context() as broken:
            broken.setattr(refresher.client, "get_batch_candlesticks", nobody)
            refresher.show(["KXTEST-27JAN15-B"], lines=True)
            refresher.histories.step()
        refresher.histories.step()
        assert not [kind for kind, _ in refresher.client.asked if kind == "candlesticks"]
        refresher.show(["KXTEST-27JAN15-B"], lines=True)
        refresher.histories.step()
        assert [kind for kind, _ in refresher.client.asked if kind == "candlesticks"] == ["candlesticks"]


def test_nothing_is_fetched_for_lines_while_somebody_goes_on_filtering(refresher, monkeypatch):
    """Each commit has the lists read anew: at 150,000 markets a filter would wait for it."""
    again, told, stopping = iter([True, True, True, False]), [], threading.Event()

    class Asked:
        def clear(self):
            pass

        def wait(self, seconds):
            told.append(next(again))
            return told[-1]

    def step():
        told.append("fetched")
        stopping.set()

    monkeypatch.setattr(refresher.histories, "_asked", Asked())
    monkeypatch.setattr(refresher.histories, "step", step)
    refresher.histories.run(stopping)
    assert told == [True, True, True, False, "fetched"]


def test_opened_market_is_fetched_once_a_minute_and_an_unknown_one_is_looked_for(refresher):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        refresher.client.asked.clear()
        for _ in range(5):
            refresher.open_market("KXTEST-27JAN15-A")
        refresher.open_market("KXNOSUCH")
        worker = threading.Thread(target=refresher._run_opened, daemon=True)
        worker.start()
        deadline = time.monotonic() + 20
        while ("market", {"ticker": "KXNOSUCH"}) not in refresher.client.asked and time.monotonic() < deadline:
            time.sleep(0.01)
        refresher.stop()
        worker.join(10)
        asked = [body["ticker"] for kind, body in refresher.client.asked if kind == "order_book"]
        assert asked == ["KXTEST-27JAN15-A"]
        assert ("market", {"ticker": "KXNOSUCH"}) in refresher.client.asked


def test_manual_refresh_happens_at_most_once_a_minute(refresher, clock):
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        refresher.refresh_now()
        assert drain(refresher, writer) == []
        clock.now += 61
        refresher.refresh_now()
        assert "universe" in drain(refresher, writer)


def test_second_process_reads_what_the_first_one_writes(refresher, tmp_path, clock):
    reader = MarketRepository(Lake(tmp_path / "lake", clock=clock), "demo", clock=clock, follow=False)
    other = Refresher(Client(), reader, Hub(), Rhythm(), clock)
    with refresher.repository.lake.writer() as writer:
        drain(refresher, writer)
        other.start()
        deadline = time.monotonic() + 20
        while not (other._hub.version and not other.progress().writes) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert other.progress().writes is False
        assert reader.snapshot_info().open_markets == 2
        assert other.client.asked == []
        other.stop()
    reader.close()
