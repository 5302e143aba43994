"""The backfill of a process that serves: started, stopped, gone on with, refused, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.backfilling import RETRY_SECONDS, Backfilling
from app.models.status import StatusModel
from app.pages import status_backfill
from app.progress import Progress
from app.settings import Settings
from app.state import State
from data_layer.api import KalshiClient, RateLimit, RetryPolicy
from data_layer.backfill import BackfillRequest, BackfillState
from data_layer.demo import start_exchange
from data_layer.errors import KalshiConnectionError
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake
from tests.app.fakes import NOW
from tests.app.status_fakes import StatusContext

MOMENT = NOW.timestamp()
REQUEST = BackfillRequest("settled", days=20)


class Clock:
    now = MOMENT

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def exchange() -> Iterator[Any]:
    running = start_exchange(markets=60, settled=300, requests_per_second=None, clock=lambda: MOMENT)
    yield running
    running.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(exchange: Any, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("data_layer.backfill.run.STEP_REQUESTS", 6)
    limit, policy = RateLimit(per_second=1000), RetryPolicy(attempts=1)
    client = KalshiClient([exchange.base_url], rate_limit=limit, policy=policy)
    lake = Lake(tmp_path / "lake", clock=clock)
    repository = MarketRepository(lake, "demo", clock=clock)
    with lake.writer() as writer:
        ingest = Ingest(client, writer, "demo", clock)
        ingest.universe()
        repository.advance()
        yield repository, writer, ingest
    repository.close()
    client.close()


def test_it_does_one_step_at_a_time_until_it_is_done(world: Any, clock: Clock) -> None:
    repository, _, ingest = world
    woken: list[int] = []
    filling = Backfilling(repository, clock, lambda: woken.append(1))
    assert filling.step(ingest) is False, "nothing is wanted"
    assert filling.start(REQUEST) == ""
    assert woken
    steps = 0
    while filling.active:
        assert filling.step(ingest) is True
        steps += 1
        assert steps < 50
    assert steps > 2
    assert filling.state is not None
    assert filling.state.finished


def test_what_was_stopped_goes_on_in_another_process(world: Any, clock: Clock) -> None:
    repository, writer, ingest = world
    filling = Backfilling(repository, clock, lambda: None)
    filling.start(REQUEST)
    filling.step(ingest)
    assert "under way" in filling.start(BackfillRequest("candles"))
    filling.stop()
    assert filling.step(ingest) is False
    assert filling.state is not None
    assert "goes on from here" in filling.state.problem
    far = filling.state.done

    later = Backfilling(repository, clock, lambda: None)
    later.find_unfinished(writer, ingest)
    assert later.state is not None
    assert (later.state.done, later.state.request) == (far, REQUEST)
    assert later.active is False, "it waits for somebody"
    later.start(REQUEST)
    later.step(ingest)
    assert later.state.resumed == far
    while later.active:
        later.step(ingest)
    again = Backfilling(repository, clock, lambda: None)
    again.find_unfinished(writer, ingest)
    assert again.state is None, "what is finished is not offered again"


def test_a_failure_waits_and_three_end_it_with_the_reason(
    world: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, _, ingest = world

    def fail(*_: Any, **__: Any) -> Any:
        raise KalshiConnectionError("Kalshi cannot be reached.")

    monkeypatch.setattr(ingest._client, "iter_market_pages", fail)
    filling = Backfilling(repository, clock, lambda: None)
    filling.start(REQUEST)
    for _ in range(3):
        assert filling.active
        assert filling.step(ingest) is True
        assert filling.step(ingest) is False, "it waits before it tries again"
        clock.now += RETRY_SECONDS
    assert not filling.active
    assert filling.state is not None
    assert "cannot be reached" in filling.state.problem


def test_what_would_be_dropped_at_once_is_refused_before_it_begins(world: Any, clock: Clock) -> None:
    filling = Backfilling(world[0], clock, lambda: None)
    assert "kept for 30 days" in filling.start(BackfillRequest("trades", days=60))
    assert not filling.active


class Context(StatusContext):
    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.settings = Settings(**settings)
        self.asked: list[BackfillRequest] = []
        self.stopped = 0
        self.how = Progress(stage="idle")

    def progress(self) -> Progress:
        return self.how

    def start_backfill(self, request: BackfillRequest) -> str:
        self.asked.append(request)
        return "" if request.days < 31 else "kept for 30 days"

    def stop_backfill(self) -> None:
        self.stopped += 1


CHOSEN = {"kind": "trades", "days": "7", "markets": "50", "scope": "settled", "period": "60"}


def shown(context: Context) -> tuple[StatusModel, Any]:
    model = StatusModel(context, State())
    model.active = True
    card = status_backfill.card(model)
    status_backfill.update(card, model)
    return model, card


def test_a_visitor_s_choice_becomes_the_request() -> None:
    context = Context()
    model, card = shown(context)
    card._handle_msg({"kind": "start", "values": CHOSEN})
    assert context.asked == [BackfillRequest("trades", 7, 60, "settled", 50)]
    card._handle_msg({"kind": "stop"})
    assert context.stopped == 1
    assert model.refused == ""


@pytest.mark.parametrize("days", ["", "²", "-3", "1e3", "9" * 5000, None, 7])
def test_numbers_that_are_none_are_refused_in_words(days: Any) -> None:
    context = Context()
    model, card = shown(context)
    card._handle_msg({"kind": "start", "values": CHOSEN | {"days": days}})
    status_backfill.update(card, model)
    assert context.asked == []
    assert "whole numbers" in card.problem


def test_visitors_of_a_public_server_cannot_start_it_unless_it_says_so() -> None:
    public = {"address": "0.0.0.0", "secret": "x" * 32}
    context = Context(**public)
    model, card = shown(context)
    assert "cannot start it" in card.blocked
    card._handle_msg({"kind": "start", "values": CHOSEN})
    model.start_backfill(CHOSEN)
    model.stop_backfill()
    assert (context.asked, context.stopped) == ([], 0)
    assert shown(Context(**public, backfill_button="on"))[1].blocked == ""
    assert shown(Context(backfill_button="off"))[1].blocked != ""


def test_the_card_says_how_far_it_is_and_how_long_it_takes() -> None:
    context = Context()
    model, card = shown(context)
    assert (card.running, card.share, card.said) == (False, None, "")
    state = BackfillState(
        "job", REQUEST, 5, 20, 2, 30, 1234, 1, model.now, seconds_left=150.0
    )  # fmt: skip
    context.how = Progress(stage="idle", backfill=state, backfilling=True)
    model.refresh()
    status_backfill.update(card, model)
    assert card.running
    assert card.share == 0.25
    assert "5 of 20 days" in card.said
    assert "1,234 rows" in card.said
    assert "2 min" in card.said
    assert "1 could not be had" in card.said
