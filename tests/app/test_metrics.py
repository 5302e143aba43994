"""What ``/metrics`` says: true figures, in a format that a strict reader of Prometheus's text format accepts."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app import metrics
from app.hub import Hub
from app.metrics import CONTENT_TYPE, Family, exposition
from app.progress import Progress
from data_layer.api.statistics import ClientStatistics
from data_layer.engine.query_log import KEPT, QueryLog, QueryRecord
from data_layer.repository import MarketRepository
from tests.app.protocol import LIMIT, Served, fetch, get, run
from tests.data_layer.wire_samples import market
from tests.data_layer.world import LIMITS, World

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_SUFFIXES = {"summary": ("", "_sum", "_count"), "gauge": ("",), "counter": ("",)}

Sample = tuple[str, frozenset[tuple[str, str]]]


def parse(text: str) -> dict[Sample, float]:
    """Read the text format 0.0.4 as strictly as its specification allows; anything odd fails the test."""
    assert text.endswith("\n")
    samples: dict[Sample, float] = {}
    families: set[str] = set()
    family = kind = ""
    for line in text.removesuffix("\n").split("\n"):
        if found := re.fullmatch(rf"# HELP ({_NAME}) (.+)", line):
            family, kind = found[1], ""
            assert family not in families, f"{family} is said twice"
            families.add(family)
        elif found := re.fullmatch(rf"# TYPE ({_NAME}) (gauge|counter|summary)", line):
            assert found[1] == family, "TYPE belongs right after its HELP"
            kind = found[2]
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, line
            name, inner, value = found.groups()
            assert kind, f"{name} comes before its TYPE"
            assert name.removeprefix(family) in _SUFFIXES[kind], f"{name} does not belong to {family}"
            labels, end = {}, 0
            for label in _LABEL.finditer(inner or ""):
                assert label.start() == end, line
                end = label.end()
                assert label[1] not in labels
                labels[label[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), label[2])
            assert end == len(inner or ""), line
            key = (name, frozenset(labels.items()))
            assert key not in samples, f"{line} is said twice"
            samples[key] = float(value)
    return samples


def one(samples: dict[Sample, float], name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def names(samples: dict[Sample, float]) -> set[str]:
    return {name for name, _ in samples}


def source(repository: MarketRepository, **changes) -> SimpleNamespace:
    """A process around a repository, whose client has done a little."""
    figures = {
        "requests": 12,
        "retries": 3,
        "rate_limited": 2,
        "failures": {"KalshiRateLimitError": 2, "KalshiTimeoutError": 1},
        "bytes_received": 4096,
        "bytes_decoded": 9000,
        "requests_last_minute": 1,
        "breaker_state": "open",
        "host": "127.0.0.1",
        "last_success_at": 1_800_000_000.5,
        "last_error": None,
        "last_error_at": None,
    }
    client = SimpleNamespace(statistics=lambda: ClientStatistics(**figures | changes))
    return SimpleNamespace(
        repository=repository,
        refresher=SimpleNamespace(client=client),
        hub=Hub(),
        progress=lambda: Progress(stage="idle"),
        request_market=lambda ticker: None,
        show=lambda tickers: None,
    )


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def moment(world: World, seconds: float = 0.0) -> datetime:
    return datetime.fromtimestamp(world.now, UTC) + timedelta(seconds=seconds)


def test_the_figures_are_those_of_the_process(world):
    world.crawl(
        market("KXTEST-27JAN15-A"), market("KXTEST-27JAN15-B"), market("KXTEST-27JAN15-C", yes_bid_dollars="7")
    )
    said = parse(exposition(source(world.repository), 5, moment(world, 90)))
    assert one(said, "kalshi_sessions") == 5
    assert one(said, "kalshi_snapshot_id") == world.repository.snapshot_id > 0
    assert one(said, "kalshi_open_markets") == world.repository.snapshot_info().open_markets
    assert one(said, "kalshi_data_age_seconds", part="universe") == 90
    assert one(said, "kalshi_rejected_rows") == world.repository.snapshot_info().rejected > 0
    assert one(said, "kalshi_repository_problem") == 0
    assert one(said, "kalshi_refreshes", kind="universe", outcome="complete") == 1
    finished = one(said, "kalshi_refresh_finished_timestamp_seconds", kind="universe", outcome="complete")
    assert finished == world.now
    assert one(said, "kalshi_api_requests_total") == 12
    assert one(said, "kalshi_api_retries_total") == 3
    assert one(said, "kalshi_api_rate_limited_total") == 2
    assert one(said, "kalshi_api_failures_total", kind="KalshiTimeoutError") == 1
    states = {state: one(said, "kalshi_api_breaker_state", state=state) for state in ("closed", "open", "probing")}
    assert states == {"closed": 0, "open": 1, "probing": 0}
    assert one(said, "kalshi_query_seconds_count", query="markets_count") >= 1
    assert one(said, "kalshi_query_errors_total", query="markets_count") == 0


def test_refreshes_are_told_apart_by_outcome_and_the_newest_counts(world):
    world.crawl(market("KXTEST-27JAN15-A"))
    world.tick(60)
    world.watch(market("KXTEST-27JAN15-A", yes_bid_dollars="0.5500", yes_bid_size_fp="3.00"))
    world.tick(60)
    world.crawl(market("KXTEST-27JAN15-A"))
    said = parse(exposition(source(world.repository), 0, moment(world)))
    assert one(said, "kalshi_refreshes", kind="universe", outcome="complete") == 2
    ends = "kalshi_refresh_finished_timestamp_seconds"
    assert one(said, ends, kind="universe", outcome="complete") == world.now
    assert one(said, ends, kind="watch", outcome="complete") == world.now - 60


def test_an_empty_lake_is_no_problem_and_what_is_unknown_is_left_out(world):
    said = parse(exposition(source(world.repository, last_success_at=None), 0, moment(world)))
    assert one(said, "kalshi_snapshot_id") == 0
    assert one(said, "kalshi_repository_problem") == 0
    unknown = {"kalshi_data_age_seconds", "kalshi_api_last_success_timestamp_seconds"}
    assert not unknown & names(said)


def test_a_damaged_lake_is_said_and_the_other_figures_still_come(world):
    world.crawl(market("KXTEST-27JAN15-A"))
    for path in (world.lake.root / "tables" / "markets").rglob("*.parquet"):
        path.chmod(0o600)
        path.write_bytes(b"PAR1 nothing of use PAR1")
    damaged = MarketRepository(type(world.lake)(world.lake.root), "demo", LIMITS, clock=world.clock, follow=False)
    assert not damaged.advance()
    said = parse(exposition(source(damaged), 2, moment(world)))
    assert one(said, "kalshi_repository_problem") == 1
    assert one(said, "kalshi_sessions") == 2
    assert one(said, "kalshi_api_requests_total") == 12


def test_label_values_and_texts_cannot_break_out_of_their_line():
    hostile = 'a"} 1\nkalshi_forged 666\\'
    family = Family("kalshi_tested", "gauge", "One line\nof \\text").add(1, kind=hostile)
    said = parse("".join(f"{line}\n" for line in family.lines()))
    assert said == {("kalshi_tested", frozenset({("kind", hostile)})): 1.0}


def test_counters_of_queries_go_on_when_old_records_are_dropped():
    log = QueryLog()
    for number in range(KEPT + 10):
        log.add(QueryRecord("markets", 0.0, 2.0, 1, 1, "broken" if number % 100 == 0 else ""))
    total = log.totals()["markets"]
    assert total.calls == KEPT + 10
    assert total.seconds == pytest.approx((KEPT + 10) * 0.002)
    assert total.errors == 21
    assert len(log.records()) == KEPT


def test_the_route_answers_with_the_formats_name_and_our_headers(world):
    world.crawl(market("KXTEST-27JAN15-A"))
    with Served(source(world.repository)) as served:
        answer = get(served.url("/metrics"))
        assert answer.code == 200
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert one(parse(answer.body.decode()), "kalshi_open_markets") == 1
        assert get(served.url("/metrics"), method="POST", body="").code == 405
        assert get(served.url("/metrics?" + "x" * 3000)).code == 414


def test_a_slow_scrape_does_not_hold_up_the_server(world, monkeypatch):
    asked, release = threading.Event(), threading.Event()

    def slow(*_given: object) -> str:
        asked.set()
        assert release.wait(LIMIT)
        return "kalshi_slow 1\n"

    monkeypatch.setattr(metrics, "exposition", slow)

    async def both(served: Served) -> tuple[int, int]:
        scrape = asyncio.create_task(fetch(served.url("/metrics")))
        await asyncio.to_thread(asked.wait, LIMIT)
        health = await fetch(served.url("/healthz"))
        release.set()
        return health.code, (await scrape).code

    with Served(source(world.repository)) as served:
        assert run(both(served)) == (200, 200)
