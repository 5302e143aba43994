"""Every answer says how it came about: its lines of a notebook, run against the same lake, give the same rows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from data_layer.movers_questions import LARGEST_MOVE
from data_layer.questions import Answer, MarketColumn, MarketFilter, MoverFilter, MoverSide, Order, QuoteQuality
from data_layer.repository import MarketRepository
from data_layer.reproduction import Call, Statement
from tests.data_layer.wire_samples import event, market, series
from tests.data_layer.world import World

TICKER = "KXRAIN-26NOV22-A"
NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)

#: How each question is asked here; one that is not named is asked without arguments.
ARGUMENTS = {
    "markets": (
        MarketFilter(series=("KXRAIN",), qualities=tuple(QuoteQuality), probability_max=Decimal("0.99")),
        (Order(MarketColumn.VOLUME_24H), Order(MarketColumn.TICKER, descending=False)),
    ),
    "series_found": ("rain",),
    "movers": (6, MoverFilter(series=("KXRAIN",), days_to_close_max=None), MoverSide.UNKNOWN, LARGEST_MOVE),
    "sparklines": ((TICKER,), 24),
    **dict.fromkeys(("event", "event_outcomes"), ("RAIN",)),
    **dict.fromkeys(("event_candlesticks", "event_days", "watched_markets"), ((TICKER,),)),
    **dict.fromkeys(("series_about", "series_events"), ("KXRAIN",)),
    "backfill_markets": ("settled", 5),
    "search": ("rain",),
    "candlesticks": (TICKER, 60, datetime(2026, 1, 1, tzinfo=UTC)),
    **dict.fromkeys(("market", "market_siblings", "trades", "order_book", "daily_bars"), (TICKER,)),
}
QUESTIONS = sorted(
    name
    for name, method in inspect.getmembers(MarketRepository, inspect.isfunction)
    if not name.startswith("_") and method.__annotations__.get("return") in {"Answer", "Movers"}
)
#: What cannot be the same in another process: its own queries, and sizes measured by them.
OWN_BOOKS = {"queries"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("reproduced")) as world:
        rain = [market(f"KXRAIN-26NOV22-{n}", event_ticker="RAIN", volume_24h_fp="2000.00") for n in "AB"]
        world.client.series_list = [series("KXRAIN", title="Rain in Springfield")]
        world.crawl(events=[event("RAIN", "KXRAIN", rain)])
        world.seen(world.ingest.series())
        yield world


def run(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Run the lines where their lake lies."""
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(compile(code, "notebook", "exec"), names)
    answer = names["answer"]
    assert isinstance(answer, Answer)
    assert len(answer.frame) == len(names["frame"])
    names["repository"].close()
    return answer


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in OWN_BOOKS])
def test_the_lines_of_a_notebook_give_the_same_rows(question, world, tmp_path, monkeypatch):
    answer = getattr(world.repository, question)(*ARGUMENTS.get(question, ()))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / world.lake.root.name).symlink_to(world.lake.root)
    again = run(answer.code(), tmp_path, monkeypatch)
    assert again.table.equals(answer.table)
    assert answer.table.num_rows or question not in {"markets", "market", "market_siblings"}
    assert (again.total, again.as_of, again.snapshot_id, again.source) == (
        answer.total,
        answer.as_of,
        answer.snapshot_id,
        answer.source,
    )


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in OWN_BOOKS])
def test_every_answer_tells_the_sql_it_was_asked_with(question, world):
    answer = getattr(world.repository, question)(*ARGUMENTS.get(question, ()))
    assert "SELECT" in answer.sql()
    for statement in answer.statements:
        assert f"-- {statement.name}" in answer.sql()
        assert all(f"-- ${name} = " in statement.text() for name in statement.values)


def test_an_answer_from_memory_tells_the_same(world):
    first, second = world.repository.pulse_closing(5), world.repository.pulse_closing(limit=5)
    assert first.table is second.table
    assert first.sql() == second.sql() != ""
    assert first.code() == second.code()


def test_an_answer_that_no_question_gave_has_neither(world):
    made = replace(world.repository.categories(), statements=(), call=None)
    assert (made.sql(), made.code()) == ("", "")


def test_bound_text_cannot_leave_its_comment():
    said = Statement("x", "SELECT $a", {"a": "1\nDROP TABLE markets; --'", "b": [None, Decimal("0.5")]}).text()
    assert said.splitlines() == [
        "-- x",
        "SELECT $a",
        "-- $a = '1\\nDROP TABLE markets; --'''",
        "-- $b = [NULL, 0.5]",
    ]


def test_arguments_are_written_as_python():
    call = Call(
        "q",
        {"a": "\u202e'\n", "b": (1,), "c": date(2026, 1, 2), "d": None, "e": datetime(2026, 1, 2, 3, 4, 5, 6)},
        NOW,
        "live",
    )
    code = call.code()
    assert (
        'a="\\u202e\'\\n", b=(1,), c=date(2026, 1, 2), d=None, e=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)' in code
    )
    assert "from datetime import UTC, date, datetime\n" in code
    assert 'open_repository("data/live", now=datetime(2026, 11, 22, 17, 5, tzinfo=UTC))' in code
