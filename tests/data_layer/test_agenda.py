"""The calendar over stored rows: days and hours of a zone, changes of the clocks, and what has no place counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.agenda_questions import _by_hour
from data_layer.api import wire
from data_layer.day_hours import hours_of, known_zone, midnight, span_of
from data_layer.parsing import parse_milestones
from data_layer.questions import AgendaColumn, AgendaFilter, Order
from tests.data_layer.wire_samples import NOW, event, market
from tests.data_layer.world import World

ET = ZoneInfo("America/New_York")
START = datetime.fromtimestamp(NOW, UTC)
#: Zones whose clocks change at midnight, by half an hour, stand a quarter beside the others, or never change.
ZONES = (
    *("America/New_York", "UTC", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"),
    *("America/Havana", "America/Santiago", "Asia/Beirut", "Asia/Kolkata"),
)


def at(hours: float = 0, **more: float) -> str:
    return f"{START + timedelta(hours=hours, **more):%Y-%m-%dT%H:%M:%SZ}"


def stone(identity: str = "m1", **changes: object) -> wire.Milestone:
    body = {"id": identity, "title": "Reds vs Blues", "category": "Sports", "type": "soccer_game"}
    body |= {"start_date": at(5), "related_event_tickers": ["KXTEST-27JAN15"], "details": {"competition": "Cup"}}
    return msgspec.convert(body | changes, wire.Milestone)


def hours(world: World, filter: AgendaFilter) -> list[dict]:
    return [row for row in world.repository.agenda_hours(filter).rows() if row["entries"]]


def test_a_day_of_a_change_of_the_clocks_has_23_or_25_hours() -> None:
    spring, autumn, plain = (hours_of(day, ET) for day in (date(2027, 3, 14), date(2026, 11, 1), date(2026, 11, 22)))
    assert (len(spring), len(autumn), len(plain)) == (23, 25, 24)
    assert "2" not in {hour.hour for hour in spring}
    assert [hour.hour for hour in autumn][:4] == ["0", "1", "1b", "2"]
    first, again = autumn[1], autumn[2]
    assert (first.start.hour, again.start.hour) == (5, 6), "01:00 of summer, then 01:00 of winter"
    assert span_of(date(2027, 3, 14), "2", ET) is None
    assert span_of(date(2026, 11, 1), "", ET) == (autumn[0].start, autumn[-1].end)


def test_a_clock_put_back_into_the_middle_of_an_hour_leaves_no_gap() -> None:
    found = hours_of(date(2028, 4, 2), ZoneInfo("Pacific/Chatham"))
    assert [hour.hour for hour in found][2:7] == ["2", "3", "2b", "3b", "4"]
    assert all(a.end == b.start for a, b in pairwise(found)), "03:45 becomes 02:45"


def test_what_is_no_zone_is_utc() -> None:
    assert [known_zone(name) for name in ("", "Mars/Base", "../etc/passwd", "Europe/Paris")] == [
        *["UTC"] * 3,
        "Europe/Paris",
    ]


@given(st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_the_hours_of_a_day_are_all_of_it_and_each_moment_is_in_its_own(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    found = hours_of(day, zone)
    assert found[0].start == midnight(day, zone)
    assert found[-1].end == midnight(day + timedelta(days=1), zone)
    assert all(a.end == b.start for a, b in pairwise(found)), "no gap, no overlap"
    for hour in found:
        for moment in (hour.start, hour.end - timedelta(minutes=1)):
            there = moment.astimezone(zone)
            assert (there.date(), f"{there.hour}{'b' * there.fold}") == (day, hour.hour)


@given(
    st.sampled_from(ZONES),
    st.sampled_from([date(2026, 11, 1), date(2027, 3, 14), date(2027, 4, 4), date(2026, 10, 25), date(2027, 4, 30)]),
    st.lists(st.tuples(st.integers(0, 3 * 86_400), st.integers(0, 10**9)), max_size=60),
)
def test_hours_add_up_like_a_slow_count_over_changes_of_the_clocks(
    name: str, day: date, entries: list[tuple[int, int]]
) -> None:
    zone = ZoneInfo(name)
    days = [day + timedelta(days=n) for n in range(-1, 2)]
    start = midnight(days[0], zone)
    until = midnight(days[-1] + timedelta(days=1), zone)
    moments = [(start + timedelta(seconds=after), amount) for after, amount in entries]
    moments = [pair for pair in moments if pair[0] < until]
    quarters: dict[int, dict] = {}
    for moment, amount in moments:
        quarter = int(moment.timestamp() // 900)
        row = quarters.setdefault(
            quarter,
            {
                "quarter": quarter,
                "entries": 0,
                "volume_24h_contracts": Decimal(0),
                "open_interest_contracts": Decimal(0),
            },
        )
        row["entries"] += 1
        row["volume_24h_contracts"] += amount
    counted = _by_hour([hour for d in days for hour in hours_of(d, zone)], list(quarters.values())).to_pylist()
    slow: dict[tuple[date, str], list[int]] = {}
    for moment, amount in moments:
        there = moment.astimezone(zone)
        slow.setdefault((there.date(), f"{there.hour}{'b' * there.fold}"), []).append(amount)
    said = {(r["day"], r["hour"]): (r["entries"], r["volume_24h_contracts"]) for r in counted if r["entries"]}
    assert said == {key: (len(amounts), sum(amounts)) for key, amounts in slow.items()}


def test_a_row_is_an_event_and_a_moment_told_by_its_most_traded_market(world: World) -> None:
    markets = [
        market("KXTEST-27JAN15-A", close_time=at(3), volume_24h_fp="10.00"),
        market("KXTEST-27JAN15-B", close_time=at(3), volume_24h_fp="90.00"),
        market("KXTEST-27JAN15-C", close_time=at(30), volume_24h_fp="5.00"),
        market("KXTEST-27JAN15-D", close_time="2099-01-01T00:00:00Z"),
    ]
    world.crawl(*markets)
    answer = world.repository.agenda()
    told = [(row["ticker"], row["markets"], row["volume_24h_contracts"]) for row in answer.rows()]
    assert told == [("KXTEST-27JAN15-B", 2, Decimal(100)), ("KXTEST-27JAN15-C", 1, Decimal(5))]
    assert answer.total == 2
    by_volume = world.repository.agenda(order=(Order(AgendaColumn.VOLUME_24H, False),)).rows()
    assert [row["ticker"][-1] for row in by_volume] == ["C", "B"]
    assert world.repository.agenda(offset=50).total == 2, "the count stays where a page is empty"
    found = world.repository.agenda_hours()
    assert (found.total, found.notes[0]) == (3, "1 market: later than the range")


def test_a_picked_hour_lists_what_its_cell_counts(world: World) -> None:
    world.crawl(*(market(f"KXTEST-27JAN15-{n}", close_time=at(n * 0.7)) for n in range(60)))
    for zone in ("America/New_York", "Asia/Kathmandu"):
        wide = AgendaFilter(zone=zone, days=30)
        cells = hours(world, wide)
        assert sum(cell["entries"] for cell in cells) == 60
        for cell in cells:
            picked = AgendaFilter(zone=zone, days=30, day=cell["day"], hour=cell["hour"])
            assert sum(row["markets"] for row in world.repository.agenda(picked).rows()) == cell["entries"]
    assert world.repository.agenda(AgendaFilter(day=date(2027, 3, 14), hour="2")).rows() == []


def test_what_a_list_holds_that_is_not_open_is_said(world: World) -> None:
    world.crawl(
        market("KXTEST-27JAN15-A", close_time=at(3)),
        market("KXTEST-27JAN15-B", close_time=at(3), status="inactive"),
        market("KXTEST-27JAN15-C", close_time=at(30)),
        market("KXTEST-27JAN15-D", status="initialized", open_time=at(4), close_time=at(7)),
    )
    answer = world.repository.agenda()
    assert (answer.entries, answer.notes) == (3, ("3 markets in 2 rows, with 1 not open",))
    there = (START + timedelta(hours=30)).astimezone(ET)
    hour = world.repository.agenda(AgendaFilter(day=there.date(), hour=str(there.hour)))
    assert (hour.entries, hour.notes) == (1, ("1 market in 1 row",))
    opens = world.repository.agenda(AgendaFilter("opens"))
    assert (opens.entries, opens.notes) == (1, ("1 market in 1 row",))


def test_each_kind_reads_its_own_time_and_counts_what_is_overdue(world: World) -> None:
    world.crawl(
        market("KXTEST-27JAN15-A", close_time=at(400), expected_expiration_time=at(2)),
        market("KXTEST-27JAN15-B", close_time=at(5), expected_expiration_time=at(-2)),
        market("KXTEST-27JAN15-C", close_time=at(6), expected_expiration_time=None),
        market("KXTEST-27JAN15-D", status="initialized", open_time=at(4), close_time=at(7)),
    )
    expires = world.repository.agenda_hours(AgendaFilter("expires"))
    assert [row["ticker"][-1] for row in world.repository.agenda(AgendaFilter("expires")).rows()][:1] == ["A"]
    assert "1 market: expected before now and not settled" in expires.notes
    assert "1 market: without an expected expiration" in expires.notes
    assert [row["ticker"][-1] for row in world.repository.agenda(AgendaFilter("opens")).rows()] == ["D"]
    assert "D" not in {row["ticker"][-1] for row in world.repository.agenda().rows()}, "it does not trade yet"
    assert world.repository.agenda(AgendaFilter(category="None of these")).total == 0


def test_milestones_are_fetched_stored_and_told_by_their_events(world: World) -> None:
    world.crawl(
        events=[
            event(markets=[market("KXTEST-27JAN15-A"), market("KXTEST-27JAN15-B", volume_24h_fp="999999.00")]),
        ]
    )
    world.client.milestones = [
        stone(),
        stone("m2", start_date=at(50), related_event_tickers=[], title="<b>Nobody’s</b>"),
        stone("m3", start_date=at(24 * 60)),
        stone("m4", start_date=None),
    ]
    report = world.seen(world.ingest.milestones())
    assert (report.outcome, report.rows) == ("complete", 3)
    assert [(bad.key, bad.rule) for bad in report.rejects["milestones"]] == [("m4", "missing")]
    asked = dict(world.client.asked)["milestones"]
    assert asked["minimum_start_date"] == at(-24)
    game, alone = world.repository.agenda(AgendaFilter("milestones")).rows()
    assert world.repository.agenda(AgendaFilter("milestones")).entries == 2, "milestones, not their markets"
    assert (game["ticker"], game["markets"], game["title"]) == ("KXTEST-27JAN15-B", 2, "Reds vs Blues")
    assert (alone["ticker"], alone["markets"], alone["title"]) == (None, 0, "<b>Nobody’s</b>")
    found = world.repository.agenda_hours(AgendaFilter("milestones"))
    assert (found.total, found.notes[0]) == (2, "1 milestone: later than the range")


def test_milestones_without_a_lake_are_none(world: World) -> None:
    world.crawl(market())
    assert world.repository.agenda(AgendaFilter("milestones")).total == 0


@pytest.mark.parametrize("start", [None, "", "soon", "0001-01-01T00:00:00Z"])
def test_a_milestone_without_a_start_is_refused_with_its_reason(start: str | None) -> None:
    batch = parse_milestones([stone(start_date=start), stone("m2")], START)
    assert batch.table["milestone_id"].to_pylist() == ["m2"]
    assert [reject.key for reject in batch.rejects] == ["m1"]
