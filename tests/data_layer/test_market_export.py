"""What leaves as a file is what the list shows: same markets, same order, and it says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from data_layer.questions import MarketColumn, MarketFilter, Order
from tests.data_layer.wire_samples import event, market, series
from tests.data_layer.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("export")) as world:
        rain = [market(f"R-{n}", event_ticker="RAIN", volume_24h_fp=f"{n % 4}.00") for n in range(7)]
        goals = [market("G-1", event_ticker="GOALS"), market("G-2", event_ticker="GOALS", status="closed")]
        world.client.series_list = [
            series("KXRAIN", title="Rain in Springfield"),
            series("KXGOALS", title="Goals of the rainy season"),
        ]
        world.crawl(events=[event("RAIN", "KXRAIN", rain), event("GOALS", "KXGOALS", goals)])
        world.seen(world.ingest.series())
        yield world


@pytest.mark.parametrize("wanted", [MarketFilter(), MarketFilter(series=("KXRAIN",)), MarketFilter(statuses=())])
def test_an_export_is_the_whole_list_in_its_order(world: World, wanted: MarketFilter) -> None:
    order = [Order(MarketColumn.VOLUME_24H), Order(MarketColumn.TICKER, descending=False)]
    listed = world.repository.markets(wanted, order, limit=100)
    exported = world.repository.markets_reader(wanted, order).read_all()
    assert exported.select(["ticker", "yes_bid_dollars"]) == listed.table.select(["ticker", "yes_bid_dollars"])


def test_every_row_and_the_schema_say_where_and_when_they_come_from(world: World) -> None:
    reader = world.repository.markets_reader()
    info = world.repository.snapshot_info()
    assert info.as_of is not None
    assert {key: value.decode() for key, value in reader.schema.metadata.items()} == {
        b"kalshi.table": "markets",
        b"kalshi.source": info.source,
        b"kalshi.snapshot": str(info.snapshot_id),
        b"kalshi.as_of": info.as_of.isoformat(),
    }
    table = reader.read_all()
    assert set(table["as_of"].to_pylist()) == {info.as_of}
    assert set(table["source"].to_pylist()) == {info.source}
    assert pa.types.is_decimal(table.schema.field("yes_bid_dollars").type)
    assert not {"total", "search_text"} & set(table.column_names)


def test_an_export_of_nothing_still_has_its_columns(world: World) -> None:
    table = world.repository.markets_reader(MarketFilter(text="nowhere")).read_all()
    assert table.num_rows == 0
    assert "ticker" in table.column_names


def test_an_export_is_bounded(world: World) -> None:
    assert world.repository.markets_reader(limit=3).read_all().num_rows == 3


def test_series_are_found_by_ticker_and_title_beginnings_first(world: World) -> None:
    def found(text: str) -> list[tuple[object, object]]:
        return [(row["series_ticker"], row["markets"]) for row in world.repository.series_found(text).rows()]

    assert found("rain") == [("KXRAIN", 7), ("KXGOALS", 1)]
    assert found("kxg") == [("KXGOALS", 1)]
    assert found("%") == []


def test_marks_of_emphasis_are_kept_in_the_lake_and_passed_over_by_a_search(tmp_path: Path) -> None:
    sent = "Will **Real Madrid** win?"
    with World(tmp_path) as world:
        world.client.series_list = [series("KXCUP", title="The **Royal** cup")]
        world.crawl(events=[event("CUP", "KXCUP", [market("CUP-1", event_ticker="CUP", title=sent)], title="Final")])
        world.seen(world.ingest.series())
        stored = world.repository
        assert [row["title"] for row in stored.markets(MarketFilter(text="madrid win")).rows()] == [sent]
        assert stored.markets_reader().read_all()["title"].to_pylist() == [sent]
        assert [row["title"] for row in stored.series_found("the royal c").rows()] == ["The **Royal** cup"]
