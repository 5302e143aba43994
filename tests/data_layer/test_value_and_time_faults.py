"""Faults 34 to 44 of the list: odd values and odd times. For each: what is stored, and what the repository answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.data_layer.wire_samples import NOW, candlestick, market
from tests.data_layer.world import World

A = "KXTEST-27JAN15-A"
HOUR, DAY = 3600, 86_400


def hours(world: World, *ends: int, period: int = 60, **changes: Any) -> None:
    """Let the exchange have candlesticks of market A that end then, and fetch them."""
    world.client.candles[A, period] = [candlestick(end, **changes) for end in ends]
    world.seen(world.ingest.market_history(A, "KXTEST", [(period, 400.0)]))


def ends(world: World, period: int = 60, **window: Any) -> list[int]:
    found = world.repository.candlesticks(A, period, **window).table["end_time"].to_pylist()
    return [int(end.timestamp()) for end in found]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def unix(*parts: int) -> int:
    return int(at(*parts).timestamp())


@pytest.mark.parametrize("sent", [None, "", "0.0000"])
def test_34_an_absent_bid_is_null_everywhere_and_never_half(world: World, sent: str | None) -> None:
    world.crawl(market(yes_bid_dollars=sent, last_price_dollars=sent))
    row = world.row(A)
    assert row["yes_bid_dollars"] is row["spread_dollars"] is row["probability"] is row["last_price_dollars"] is None
    assert row["quote_quality"] == "one-sided"
    assert world.repository.rejects().total == 0


@pytest.mark.parametrize("sent", ["-0.0100", "1.0001"])
def test_34_a_price_outside_0_to_1_refuses_its_market_with_the_reason(world: World, sent: str) -> None:
    report = world.crawl(market(yes_bid_dollars=sent), market("KXTEST-27JAN15-B"))
    assert report.outcome == "complete"
    assert world.repository.markets().table["ticker"].to_pylist() == ["KXTEST-27JAN15-B"]
    (reject,) = world.repository.rejects().rows()
    assert (reject["table_name"], reject["key"], reject["rule"]) == ("markets", A, "price_range")
    assert sent in reject["reason"]
    assert world.repository.snapshot_info().rejected == 1


def test_34_a_five_decimal_price_refuses_the_refresh_and_keeps_the_older_list(world: World) -> None:
    world.crawl(market())
    world.tick(900)
    report = world.crawl(market(yes_bid_dollars="0.56125"))
    assert (report.outcome, report.rows) == ("failed", 0)
    assert world.row(A)["yes_bid_dollars"] == Decimal("0.56")
    info = world.repository.snapshot_info()
    assert "drift:unknown_scale:yes_bid_dollars" in info.conditions
    assert info.as_of == datetime.fromtimestamp(NOW, UTC)


def test_35_a_tick_of_a_tenth_of_a_cent_is_kept(world: World) -> None:
    ranges = [
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "1.0000", "step": "0.0100"},
    ]
    world.crawl(market(yes_bid_dollars="0.0430", yes_ask_dollars="0.0440", price_ranges=ranges))
    row = world.row(A)
    assert (row["tick_dollars"], row["yes_bid_dollars"]) == (Decimal("0.0010"), Decimal("0.0430"))
    assert row["probability"] == Decimal("0.0435")
    (stored,) = world.repository.market(A).rows()
    assert [part["step"] for part in stored["price_ranges"]] == [Decimal("0.0010"), Decimal("0.0100")]


def test_36_a_fraction_of_a_contract_is_kept(world: World) -> None:
    world.crawl(market(volume_fp="0.01", open_interest_fp="1234567890123.45"))
    row = world.row(A)
    assert (row["volume_contracts"], row["open_interest_contracts"]) == (Decimal("0.01"), Decimal("1234567890123.45"))


def test_37_a_bid_above_the_ask_is_not_shown_and_its_market_falls_back_to_the_last_trade(world: World) -> None:
    world.crawl(market(yes_bid_dollars="0.6100"))
    row = world.row(A)
    assert row["yes_bid_dollars"] is row["yes_ask_dollars"] is None
    assert (row["quote_quality"], row["probability"]) == ("none", Decimal("0.57"))
    assert world.repository.rejects().rows()[0]["rule"] == "bid_above_ask"


def test_38_a_clock_an_hour_ahead_only_moves_the_stamp(world: World) -> None:
    world.crawl(market())
    world.tick(HOUR)
    world.watch(market(yes_bid_dollars="0.5500"))
    assert world.row(A)["yes_bid_dollars"] == Decimal("0.55")
    assert world.repository.snapshot_info().conditions == ()


@pytest.mark.parametrize("restart", [False, True])
def test_38_after_a_clock_went_back_the_later_quote_still_wins(world: World, restart: bool) -> None:
    world.crawl(market())
    world.tick(30)
    world.watch(market(yes_bid_dollars="0.5500"))
    world.tick(-HOUR)
    if restart:
        world.ingest = world.new_ingest()
    report = world.watch(market(yes_bid_dollars="0.5400"))
    assert world.row(A)["yes_bid_dollars"] == Decimal("0.54")
    assert any(condition.startswith("clock:") for condition in report.conditions)
    assert any(condition.startswith("clock:") for condition in world.repository.snapshot_info().conditions)
    world.tick(60)
    world.crawl(market(yes_bid_dollars="0.5300"))
    assert world.row(A)["yes_bid_dollars"] == Decimal("0.53")
    world.tick(2 * HOUR)
    assert world.watch(market(yes_bid_dollars="0.5200")).conditions == set()
    assert world.row(A)["yes_bid_dollars"] == Decimal("0.52")


def test_39_the_25_hour_day_of_new_york_is_one_candlestick_as_sent(world: World) -> None:
    world.now = world.client.now = float(unix(2026, 11, 5))
    summer, fall, winter = unix(2026, 11, 1, 4), unix(2026, 11, 2, 5), unix(2026, 11, 3, 5)
    assert fall - summer == 25 * HOUR
    hours(world, summer, fall, winter, period=1440)
    assert ends(world, 1440) == [summer, fall, winter]
    assert ends(world, 1440, start=at(2026, 11, 2, 5), end=at(2026, 11, 2, 5)) == [fall]


def test_40_a_candlestick_at_the_edge_of_a_window_is_in_it_once_and_in_its_neighbour_never(world: World) -> None:
    edge = unix(2027, 1, 1)  # ends the last hour of December, so that it lies in December's partition
    every = [edge + HOUR * n for n in range(-3, 4)]
    hours(world, *every)
    assert ends(world, start=at(2027, 1, 1)) == every[3:]
    assert ends(world, end=at(2027, 1, 1)) == every[:4]
    assert ends(world, start=at(2027, 1, 1), end=at(2027, 1, 1)) == [edge]
    before = ends(world, end=at(2027, 1, 1))
    after = ends(world, start=at(2027, 1, 1) + timedelta(seconds=1))
    assert before + after == every


@pytest.mark.parametrize("offset", [-11, 14])
def test_40_a_window_in_another_time_zone_is_the_same_window(world: World, offset: int) -> None:
    from datetime import timezone

    every = [unix(2027, 1, 1) + HOUR * n for n in range(-20, 20)]
    hours(world, *every)
    zone = timezone(timedelta(hours=offset))
    start, end = at(2026, 12, 31, 20).astimezone(zone), at(2027, 1, 1, 6).astimezone(zone)
    assert ends(world, start=start, end=end) == [
        end for end in every if unix(2026, 12, 31, 20) <= end <= unix(2027, 1, 1, 6)
    ]
    naive = {"start": datetime(2026, 12, 31, 20), "end": datetime(2027, 1, 1, 6)}
    assert ends(world, **naive) == ends(world, start=start, end=end)


def test_41_the_synthetic_candlestick_is_no_observation(world: World) -> None:
    empty = candlestick(
        int(NOW) - 2 * HOUR, price={"previous_dollars": "0.5000"}, yes_bid=None, yes_ask={}, volume_fp=None
    )
    world.client.candles[A, 60] = [empty, candlestick(int(NOW) - HOUR)]
    world.seen(world.ingest.market_history(A, "KXTEST", [(60, 1.0)]))
    assert ends(world) == [int(NOW) - HOUR]
    assert world.repository.rejects().total == 0


def test_42_a_late_correction_replaces_the_row(world: World) -> None:
    last = int(NOW) - HOUR
    hours(world, last - HOUR, last)
    world.tick(60)
    world.client.candles[A, 60][1] = candlestick(last, volume_fp="99.00")
    report = world.seen(world.ingest.market_history(A, "KXTEST", [(60, 400.0)]))
    assert report.rows == 1
    found = world.repository.candlesticks(A).rows()
    assert [row["volume_contracts"] for row in found] == [Decimal("10.00"), Decimal("99.00")]


def test_43_a_gap_of_a_day_stays_a_gap(world: World) -> None:
    hours(world, int(NOW) - 26 * HOUR, int(NOW) - HOUR)
    assert ends(world) == [int(NOW) - 26 * HOUR, int(NOW) - HOUR]


def test_44_a_candlestick_in_milliseconds_is_refused_and_the_others_are_kept(world: World) -> None:
    hours(world, int(NOW) - HOUR)
    world.client.candles[A, 60] = [candlestick(int(NOW) - HOUR), candlestick(int(NOW))]
    answer = world.client.get_candlesticks_any_tier
    world.client.get_candlesticks_any_tier = lambda *some, **more: _in_milliseconds(answer(*some, **more))
    world.seen(world.ingest.market_history(A, "KXTEST", [(60, 1.0)]))
    assert ends(world) == [int(NOW) - HOUR]
    (reject,) = world.repository.rejects().rows()
    assert (reject["table_name"], reject["rule"]) == ("candlesticks", "time")
    assert str(int(NOW) * 1000) in reject["reason"]


def _in_milliseconds(found: Any) -> Any:
    found.items[-1] = candlestick(found.items[-1].end_period_ts * 1000)
    return found
