"""How trading is shared out, from stored rows: every market once, absent prices left out of dollars alone."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from data_layer.maintenance import DAILY_ROLLUP, derive
from tests.data_layer.wire_samples import NOW, candlestick, event, market, series
from tests.data_layer.world import World

RAIN, RATES = "KXTEST-27JAN15-A", "KXFED-27JAN-T4"


def fill(world: World) -> None:
    world.client.series_list = [
        series("KXTEST", tags=["Rain", "Weather"]),
        msgspec.structs.replace(series("KXFED"), category="Economics"),
    ]
    world.ingest.series()
    unquoted = {"yes_bid_dollars": "0.0000", "yes_ask_dollars": "1.0000", "no_bid_dollars": "0.0000"}
    unquoted |= {"no_ask_dollars": "1.0000", "last_price_dollars": "0.0000"}
    world.crawl(
        events=[
            event(
                markets=[
                    market(RAIN, volume_24h_fp="200.00"),
                    market("KXTEST-27JAN15-B", **unquoted, volume_24h_fp="50.00"),
                ]
            ),
            event("KXFED-27JAN", "KXFED", [market(RATES, volume_24h_fp="1000.00")]),
        ]
    )


def test_every_market_is_in_one_category_and_unpriced_contracts_are_counted(world: World) -> None:
    fill(world)
    rows = {row["name"]: row for row in world.repository.category_split().rows()}
    assert {name: row["markets"] for name, row in rows.items()} == {"Economics": 1, "Climate and Weather": 2}
    weather = rows["Climate and Weather"]
    assert (weather["volume_24h_contracts"], weather["unpriced_contracts"]) == (Decimal(250), Decimal(50))
    assert weather["volume_24h_dollars"] == Decimal("114.00"), "200 contracts at 57 cents"
    assert (weather["events"], weather["series"]) == (1, 1)


def test_within_a_category_the_first_tag_of_the_series_counts(world: World) -> None:
    fill(world)
    (rain,) = world.repository.category_split("Climate and Weather").rows()
    assert (rain["name"], rain["markets"]) == ("Rain", 2)
    (rates,) = world.repository.category_split("Economics").rows()
    assert rates["name"] == "No tag"
    assert world.repository.category_split("None of these").rows() == []


def test_days_are_counted_from_stored_candlesticks_alone(world: World) -> None:
    fill(world)
    assert world.repository.category_days().rows() == []
    world.client.candles[RAIN, 60] = [candlestick(int(NOW) - 3600 * n) for n in range(1, 4)]
    world.seen(world.ingest.market_history(RAIN, "KXTEST", [(60, 5.0)]))
    derive(world.ingest, world.repository, DAILY_ROLLUP)
    world.repository.advance()
    days = world.repository.category_days().rows()
    assert {row["name"] for row in days} == {"Climate and Weather"}
    assert sum(row["volume_contracts"] for row in days) == Decimal(30)
    assert {row["name"] for row in world.repository.category_days("Climate and Weather").rows()} == {"Rain"}
