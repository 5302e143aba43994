"""Many visitors, and many broken links, against a real server: none fails, nothing of them stays."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from urllib.parse import quote

import psutil
import pytest

from app import page_keys, url
from tests.app.census import Census, watchers
from tests.app.protocol import Served, Visitor, fetch, run
from tests.app.status_fakes import StatusContext

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("load")]

TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture
def context():
    """A process whose every page can be opened."""
    return StatusContext()


SESSIONS, AT_ONCE = 200, 10
#: Who closes the tab while his filter is asked for, and how often a page is reloaded before it came.
LEAVERS, RELOADS = 15, 100
#: Where they go: in turn, so that every page that people open is opened many times.
VISITED = (
    "/",
    "/?page=status",
    "/?page=markets",
    f"/?page=market&ticker={TICKER}",
    "/?page=markets&q=number&sort=bogus",
)

LINKS, WHOLE_PAGES = 2_000, 80
#: As often as long as one step may take: a limit against hanging on the slowest machine, never a measure.
PATIENCE = 40
ODD = [
    "price=²", "q=%ff", "ticker=%00", "ticker=../../etc/passwd", "ticker=CON", "ticker=NAN", "ticker=123", "ticker=null",
    "ticker='%20OR%201=1--", "q=;ATTACH", "page=bogus", "page=", "sort=drop", "p=-1", "p=0", "p=1e9", "p=99999999999999",
    "q=%F0%9F%92%A9", "q=%E2%80%AE", "q=%3Cscript%3E", "window=²", "zone=Mars", "&&&", "=", "%", "%%%", "?", "#", "q=a&q=b",
    "page=market", "page=market&ticker=", "page=market&ticker=KXNO-SUCH", "page=pulse&page=markets", "[]=1", "a[b]=c",
    "pmin=90&pmax=10", "pmin=nan", "pmax=inf", "p=" + "9" * 1_900, "tz=TRUE", "v24=1e400",
]  # fmt: skip
BEYOND = ["&".join(f"k{n}=1" for n in range(1_000)), "q=" + "a" * 40_000, "p=" + "9" * 5_000, "=" * 5_000]


def megabytes() -> float:
    return psutil.Process().memory_info().rss / 1e6


def test_two_hundred_sessions_come_and_go_and_leave_nothing(context, caplog):
    caplog.set_level(logging.WARNING, logger="panel")  # kept log records would hold on to models
    census = Census()

    async def crowd(server: Served, sessions: int) -> int:
        served = 0
        for _ in range(sessions // AT_ONCE):
            visitors = [await Visitor.open(server.url(VISITED[n % len(VISITED)])) for n in range(AT_ONCE)]
            served += sum(bool(visitor.document["roots"]) for visitor in visitors)
            for visitor in visitors:
                await visitor.close()
        return served

    with Served(context, unused_session_milliseconds=200, open_page=census.open) as server:
        listening = watchers()
        run(crowd(server, 2 * AT_ONCE), PATIENCE)  # what is made once and kept on purpose
        before = megabytes()
        assert run(crowd(server, SESSIONS), PATIENCE) == SESSIONS
        assert census.emptied() == 0
        assert (server.sessions, context.hub.sessions, watchers() - listening) == (0, 0, 0)
        after = megabytes()
    assert len(census.made) >= 2 * (SESSIONS + 2 * AT_ONCE)
    assert census.failures == []
    assert after - before < 60, "a session weighs about 0.8 MB while it lives: 200 may not leave a third of it each"


def test_tabs_closed_in_mid_query_and_quick_reloads_leave_nothing(context, caplog):
    caplog.set_level(logging.WARNING, logger="panel")
    census = Census()

    async def reload(server: Served) -> None:
        """Ask for a page and go before it comes, as a browser does that is reloaded at once."""
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /?page=markets&q=number HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await writer.drain()
        writer.close()

    async def visit(server: Served) -> int:
        for _ in range(LEAVERS):
            visitor = await Visitor.open(server.url("/?page=markets"))
            await visitor.leave("FilterBar", {"key": "text", "value": "number 1"})
        health = 200
        for _ in range(RELOADS // AT_ONCE):
            for _ in range(AT_ONCE):
                await reload(server)
            health = max(health, (await fetch(server.url("/healthz"))).code)
        return health

    with Served(context, unused_session_milliseconds=200, open_page=census.open) as server:
        assert run(visit(server), PATIENCE) == 200
        asked = len(context.repository.asked)
        assert census.emptied() == 0
        assert (server.sessions, context.hub.sessions) == (0, 0)
    assert asked >= LEAVERS
    assert len(census.made) >= 2 * LEAVERS
    assert census.failures == []
    assert [record.getMessage()[:300] for record in caplog.records if record.levelno >= logging.ERROR] == []


def odd_queries(count: int) -> list[str]:
    """Return `count` queries that nobody wrote: known oddities, then noise from one seed."""
    chance = random.Random(42)
    letters = "abckxyz0189%²&=?/\\'\"<>;:#+-_.~ \u202e\u200b\u00e9\x7f"
    keys = ["page", "ticker", "q", "sort", "p", "window", "tz", "cat", "pmin", "x"]
    found = list(ODD)
    while len(found) < count:
        pairs = []
        for _ in range(chance.randrange(1, 4)):
            noise = "".join(chance.choices(letters, k=chance.randrange(1, 60)))
            pairs.append(
                chance.choice([f"{chance.choice(keys)}=", "", f"page={chance.choice(list(page_keys.PAGE_KEYS))}&"])
                + noise
            )
        found.append("&".join(pairs))
    return found


def broken_links() -> list[str]:
    """Return the addresses: whole pages, which cost a session each, then exports, files, views and lengths."""
    queries = odd_queries(LINKS - 4 * len(BEYOND))
    places = ["/nowhere", "/export", "/market/", "/index.html", "/ws/x", "/markets", "/%2e%2e/etc/passwd", "/app"]
    links = [f"/?{query}" for query in queries[:WHOLE_PAGES]]
    links += [f"{places[n % len(places)]}?{query}" for n, query in enumerate(queries[WHOLE_PAGES:])]
    return links + [f"{place}?{query}" for query in BEYOND for place in ("/", "/single-view", "/export", "/nowhere")]


def explained(code: int, body: str, kind: str) -> bool:
    """Tell whether an answer is a page of the dashboard, a file, or a refusal that says why."""
    if "Traceback" in body or "site-packages" in body:
        return False
    if code == 200:
        return '"token":"' in body or kind.startswith(("text/csv", "application/vnd.apache.parquet"))
    title, reason = re.search(r"<h1>(.+?)</h1>", body), re.search(r"<p>(.+?)</p>", body)
    return 400 <= code < 500 and bool(title and reason)


def test_two_thousand_broken_links_give_a_page_or_an_explanation_each(context, caplog):
    caplog.set_level(logging.WARNING, logger="panel")
    census, links = Census(), broken_links()

    async def visit(server: Served) -> list[tuple[int, str, str]]:
        failed = []
        for link in links:
            address = quote(link, safe="%&=;+?/'~:.-_")
            answer = await fetch(server.url(address), decompress_response=True)
            body = (answer.body or b"").decode(errors="replace")
            if not explained(answer.code, body, answer.headers.get("Content-Type", "")):
                failed.append((answer.code, address[:120], body[:200]))
        return failed

    with Served(context, unused_session_milliseconds=100, open_page=census.open) as server:
        assert len(links) == LINKS
        assert run(visit(server), PATIENCE) == []
    assert census.failures == []
    assert [record.getMessage()[:300] for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_broken_link_says_on_the_page_what_was_left_out(context):
    """What the two thousand are not asked, one by one: the sentence that the visitor reads."""

    async def visit(server: Served) -> list[str]:
        silent = []
        for query in ODD:
            decoded = url.decode(quote(query, safe="%&=;+?/'~:.-_"))
            visitor = await Visitor.open(server.url("/?" + quote(query, safe="%&=;+?/'~:.-_")))
            expected = list(decoded.notes) or (
                ["There is no such page"] if decoded.values["page"] == page_keys.MISSING else []
            )
            if not all(note.split("“")[0].strip() in visitor.seen for note in expected):
                silent.append(f"{query[:60]}: {expected}")
            await visitor.close()
        return silent

    with Served(context, unused_session_milliseconds=100) as server:
        assert run(visit(server), PATIENCE) == []


def test_every_query_of_the_two_thousand_is_read_without_a_failure():
    for query in odd_queries(LINKS):
        decoded = url.decode(query)
        assert decoded.values["page"] in {*page_keys.PAGE_KEYS, page_keys.MISSING}
        if decoded.values["page"] != page_keys.MISSING:
            assert url.decode(url.encode(decoded.values)).notes == ()
