"""The list as a file: the same markets in the same order, harmless in a spreadsheet, bounded, whole or not at all."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import threading
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.simple_httpclient import HTTPStreamClosedError
from tornado.web import Application

from app import export_route, page_keys, url
from app.alert_watch import AlertWatch
from app.embed import mount
from app.export_formats import as_csv, file_name, harmless
from app.models import market_choice
from app.models.series_detail import SeriesDetailModel
from app.pages import PAGES
from data_layer.alert_journal import AlertJournal
from data_layer.errors import NoDataError, QueryError
from data_layer.measures import TOPICS
from tests.app.fakes import HOSTILE, NOW, FakeContext, market_row
from tests.app.protocol import Served, fetch, get, run
from tests.app.pulse_fakes import DAY
from tests.app.status_fakes import StatusContext
from tests.data_layer.test_alert_journal import FIRING


@pytest.fixture
def context():
    return FakeContext()


@pytest.fixture
def served(context):
    with Served(context) as server:
        yield server


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


FILTERED = "q=number&category=Sports&pmin=10&pmax=90.5&v24=1000&quote=tight,ok&sort=ends&dir=asc&then=-volume"


def test_a_file_holds_what_the_list_shows_in_its_order(served, context):
    values = url.decode(f"?page=markets&{FILTERED}").values
    listed = context.repository.markets(market_choice.filter_of(values), market_choice.order_of(values), 0, 1000)
    assert 1 < listed.total < 130
    answer = get(served.url(f"/export?format=csv&page=markets&{FILTERED}"))
    assert answer.code == 200
    assert [row["ticker"] for row in rows_of(answer)] == listed.table["ticker"].to_pylist()


def test_a_page_number_or_a_set_of_columns_changes_nothing_about_a_file(served):
    plain = get(served.url("/export?format=csv"))
    assert len(rows_of(plain)) == 130
    assert get(served.url("/export?format=csv&p=2&cols=time&rows=dense")).body == plain.body


def test_parquet_keeps_money_exact_and_says_where_it_comes_from(served, context):
    answer = get(served.url(f"/export?format=parquet&{FILTERED}"))
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(answer.body))
    assert pa.types.is_decimal(table.schema.field("yes_bid_dollars").type)
    said = table.schema.metadata
    assert said[b"kalshi.as_of"].decode() == context.repository.as_of.isoformat()
    assert b"category=Sports" in said[b"kalshi.link"]
    assert set(table["as_of"].to_pylist()) == {context.repository.as_of}
    assert set(table["source"].to_pylist()) == {"live"}


def test_the_name_of_a_file_says_what_and_when(served, context):
    assert (
        'filename="kalshi-markets-20261122T170100Z.csv"' in get(served.url("/export")).headers["Content-Disposition"]
    )
    context.repository.source = "demo"
    answer = get(served.url("/export?format=parquet"))
    assert 'filename="kalshi-markets-simulated-20261122T170100Z.parquet"' in answer.headers["Content-Disposition"]
    answer = get(served.url("/export?q=number+1&pmin=10&zone=x"))
    name = "kalshi-markets-simulated-q-number-1-pmin-10-20261122T170100Z.csv"
    assert f'filename="{name}"' in answer.headers["Content-Disposition"]
    hostile = {"kalshi.table": "markets", "kalshi.link": "?page=markets&q=%22%0d%0a..%2f" + "x" * 200}
    assert file_name(hostile, "csv") == "kalshi-markets-q-" + "x" * 112 + ".csv"


def test_no_text_is_a_formula_in_a_spreadsheet_and_no_number_is_touched(served, context):
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
    context.repository.rows = [
        market_row(n, title=text, outcome=text, change_24h_pp=Decimal("-2.5")) for n, text in enumerate(evil)
    ]
    rows = rows_of(get(served.url("/export?sort=ticker&dir=asc")))
    assert [row["title"] for row in rows] == [f"'{text}" for text in evil]
    assert {row["change_24h_pp"] for row in rows} == {"-2.500"}
    assert (
        pq.read_table(io.BytesIO(get(served.url("/export?format=parquet&sort=ticker&dir=asc")).body))[
            "title"
        ].to_pylist()
        == evil
    )


def test_every_other_text_survives_whatever_stands_in_it(served, context):
    texts = [*HOSTILE, 'say "a", b', "two\nlines", "", None, "a=b"]
    context.repository.rows = [market_row(n, outcome=text) for n, text in enumerate(texts)]
    rows = rows_of(get(served.url("/export?sort=ticker&dir=asc")))
    assert [row["outcome"] for row in rows] == [text or "" for text in texts]


def test_absent_is_empty_and_never_nought():
    batch = pa.record_batch({"title": ["", None], "price": pa.array([None, Decimal("0.5")], pa.decimal128(9, 4))})
    reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    assert b"".join(as_csv(reader)) == b'"title","price"\n"",\n,0.5000\n'
    assert harmless(batch) == batch


def test_a_file_comes_compressed_to_whom_asks_for_it(served):
    plain = get(served.url("/export"))
    packed = get(served.url("/export"), headers={"Accept-Encoding": "gzip"}, decompress_response=False)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


@pytest.mark.parametrize(
    "query",
    [
        "format=xlsx",
        "format=",
        "page=market&table=markets",
        "table=movers",
        "pmin=abc",
        "spread=1e9",
        "series=a%20b",
        "v24=-1",
        "p=0",
    ],
)
def test_a_query_that_cannot_be_read_whole_is_refused_rather_than_half_applied(served, query):
    answer = get(served.url(f"/export?{query}"))
    assert answer.code == 400
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(("failure", "code"), [(NoDataError("empty"), 503), (QueryError("/secret/path"), 500)])
def test_what_fails_is_said_without_secrets(served, context, failure, code):
    context.repository.failure = failure
    answer = get(served.url("/export"))
    assert answer.code == code
    assert b"secret" not in answer.body


@pytest.mark.parametrize("query", ["", "format=xlsx", "format=parquet"])
def test_exports_carry_the_security_headers_and_are_never_stored(served, query):
    headers = get(served.url(f"/export?{query}")).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


def test_only_reading_is_possible_and_no_session_is_made(served):
    before = served.sessions
    assert get(served.url("/export")).code == 200
    assert get(served.url("/export"), method="POST", body="").code == 405
    assert served.sessions == before


def test_it_lives_under_a_prefix(context):
    with Served(context, prefix="/tools/kalshi") as server:
        assert len(rows_of(get(server.url("/tools/kalshi/export")))) == 130


def test_it_comes_with_a_mounted_dashboard_and_behind_the_hosts_login(context):
    async def visit():
        (bound,) = bind_sockets(0, "127.0.0.1")
        host = Application()
        at = f"http://127.0.0.1:{bound.getsockname()[1]}"
        mounted = mount(
            host,
            "/tools/kalshi",
            [at.removeprefix("http://")],
            context=context,
            permit=lambda request: "Cookie" in request.headers,
        )
        server = HTTPServer(host)
        server.add_sockets([bound])
        try:
            assert (await fetch(f"{at}/tools/kalshi/export")).code == 403
            answer = await fetch(f"{at}/tools/kalshi/export", headers={"Cookie": "a=b"})
            assert len(rows_of(answer)) == 130
        finally:
            server.stop()
            await mounted.stop()

    run(visit())


class Slow:
    """A repository whose readers stand still until they are let go."""

    def __init__(self, repository, failure=None):
        self._repository, self._failure = repository, failure
        self.go, self.begun = threading.Event(), threading.Semaphore(0)

    def __getattr__(self, name):
        return getattr(self._repository, name)

    def markets_reader(self, *asked):
        reader = self._repository.markets_reader(*asked)

        def batches():
            for n, batch in enumerate(reader):
                yield batch
                if n == 0:
                    self.begun.release()
                    assert self.go.wait(30)
                    if self._failure is not None:
                        raise self._failure

        return pa.RecordBatchReader.from_batches(reader.schema, batches())


class Long:
    """A repository whose files are longer than what a connection holds; it writes down when each began and ended."""

    def __init__(self, repository, times=500):
        self._repository, self._times = repository, times
        self.events, self.begun = [], threading.Event()

    def __getattr__(self, name):
        return getattr(self._repository, name)

    def markets_reader(self, *asked):
        whole = self._repository.markets_reader(*asked).read_all().combine_chunks()

        def batches():
            self.events.append("begin")
            self.begun.set()
            for _ in range(self._times):
                yield from whole.to_batches()
            self.events.append("end")

        return pa.RecordBatchReader.from_batches(whole.schema, batches())


def test_one_runs_one_waits_and_the_third_is_asked_to_come_back(served, context):
    long = context.repository = Long(context.repository)

    async def visit():
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=2**16)
        writer.write(b"GET /export HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        await asyncio.to_thread(long.begun.wait, 30)
        others = {asyncio.create_task(fetch(served.url("/export"))) for _ in range(2)}
        done, waiting = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        refused = done.pop().result()
        assert (refused.code, refused.headers["Retry-After"]) == (503, str(export_route.RETRY_SECONDS))
        assert (await fetch(served.url("/healthz"))).code == 200
        assert long.events == ["begin"]
        while await reader.read(2**20):
            pass
        writer.close()
        assert (await waiting.pop()).code == 200
        assert long.events == ["begin", "end", "begin", "end"]

    run(visit())


def test_a_file_that_breaks_off_never_looks_whole(served, context):
    context.repository = Slow(context.repository, failure=pa.ArrowInvalid("disk"))
    context.repository.go.set()
    with pytest.raises(HTTPStreamClosedError):
        get(served.url("/export"), decompress_response=False)
    assert get(served.url("/healthz")).code == 200


def test_a_reader_that_leaves_gives_its_turn_to_the_next(served, context):
    slow = context.repository = Slow(context.repository)

    async def visit():
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(b"GET /export HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await asyncio.to_thread(slow.begun.acquire)
        writer.close()
        slow.go.set()
        assert (await fetch(served.url("/export"))).code == 200

    run(visit())


LINKS = {
    "market": "ticker=KXTEST-26NOV000-T1",
    "event": "event=KXTEST-26NOV000",
    "series_detail": "series_ticker=KXTEST&event=KXTEST-26NOV000",
    "watchlists": "list=Mine&tickers=KXTEST-26NOV000-T1,KXTEST-26NOV000-T0,KXNO-SUCH&sort=title",
}
#: Every table of every page: a page that is added is held to all of this by being there.
TABLES = [
    pytest.param(page, table, id=f"{page}-{table}")
    for page, listed in PAGES.items()
    for table in listed.model.exports
]


#: Pages whose every part is figures, text or what has no rows.
WITHOUT_TABLES = {"method", "news"}


def test_every_page_with_a_table_names_one():
    assert {page for page, listed in PAGES.items() if not listed.model.exports} == WITHOUT_TABLES


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A server over hostile texts everywhere, and formulas."""
    context = StatusContext()
    journal = AlertJournal(tmp_path_factory.mktemp("alerts"))
    journal.record([replace(FIRING, title="=1+1", outcome="@SUM(A1)", rule="\t=1", why="=2")], {}, None, NOW)
    context.alerts = AlertWatch(journal, "live", lambda: NOW.timestamp())
    context.repository.rows[1] |= {
        "title": "=1+1",
        "outcome": "@SUM(A1)",
        "category": "=2",
        "open_time": NOW - DAY / 2,
    }
    context.repository.mean_days = {row["ticker"]: 5.0 for row in context.repository.rows[:9]}
    with Served(context) as server:
        yield server


def test_the_files_of_a_series_are_those_of_the_event_and_the_days_its_page_shows(context, state, clock):
    state.param.update(page="series_detail", series_ticker="KXTEST", event="KXTEST-26NOV003")
    state.param.update(series_from=NOW.date() - 3 * DAY, series_to=NOW.date() - DAY)
    model = SeriesDetailModel(context, state, clock)
    model.active = True
    assert (model.chosen, model.problem) == ("KXTEST-26NOV003", "")
    assert set(model.exports) == set(model._answers)
    for key, shown in model._answers.items():
        found = model.exports[key].ask(context, state.link_values(), NOW)
        assert found.table.equals(shown.table), key
    first, *others = [call for call in context.repository.asked if call[0] == "event_days"]
    assert others == [first]


def link_of(page: str, table: str, kind: str) -> str:
    return f"/export?page={page}&table={table}&format={kind}&{LINKS.get(page, '')}"


@pytest.mark.parametrize(("page", "table"), TABLES)
def test_every_table_of_every_page_is_a_file_that_says_where_it_comes_from(everything, page, table):
    packed = get(everything.url(link_of(page, table, "parquet")))
    assert packed.code == 200, packed.body
    whole = pq.read_table(io.BytesIO(packed.body))
    said = {name.decode(): value.decode() for name, value in whole.schema.metadata.items()}
    assert said["kalshi.table"] in {page, f"{page}-{table}"}
    assert said["kalshi.title"]
    assert said["kalshi.source"] in {"live", "process"}
    assert said["kalshi.as_of"]
    assert url.decode(said["kalshi.link"]).values["page"] == page
    plain = get(everything.url(link_of(page, table, "csv")))
    assert plain.code == 200
    rows = rows_of(plain)
    assert len(rows) == whole.num_rows
    head = next(csv.reader(io.StringIO(plain.body.decode())))
    assert head == whole.column_names
    assert {"as_of", "source"} <= set(head)
    for row in rows:
        assert not [cell for cell in row.values() if cell[:1] in "=@\t\r" and cell], row
    assert f"kalshi-{said['kalshi.table'].replace('_', '-')}" in plain.headers["Content-Disposition"]


@pytest.mark.parametrize(("page", "table"), TABLES)
def test_every_table_of_an_empty_lake_is_refused_or_has_no_rows_of_it(page, table):
    context = StatusContext()
    context.repository.failure = NoDataError("Nothing is stored.")
    with Served(context) as server:
        answer = get(server.url(link_of(page, table, "csv")))
    if PAGES[page].model.exports[table].running:
        assert answer.code == 200
    else:
        assert answer.code in {200, 503}
        assert answer.code == 503 or "process" in {row["source"] for row in rows_of(answer)} or not rows_of(answer)


def test_a_market_that_is_not_stored_is_not_found(served):
    answer = get(served.url("/export?page=market&table=trades&ticker=NO-SUCH"))
    assert answer.code == 200  # trades of nothing are none
    answer = get(served.url("/export?page=market&table=outcomes&ticker=NO-SUCH"))
    assert answer.code == 404
    assert b"NO-SUCH" in answer.body


@pytest.mark.parametrize(("page", "table"), TABLES)
def test_what_is_said_of_a_table_leads_somewhere(page, table):
    export = PAGES[page].model.exports[table]
    assert not export.method or export.method in TOPICS
    assert export.title
    assert table not in url.BESIDE


def test_no_key_of_a_link_is_a_word_of_a_file_or_a_frame():
    assert not {key.short for keys in page_keys.PAGE_KEYS.values() for key in keys} & url.BESIDE


def test_a_watchlist_without_markets_is_a_file_without_rows(served):
    answer = get(served.url("/export?page=watchlists&format=csv"))
    assert answer.code == 200
    assert len(answer.body.decode().strip().splitlines()) == 1
