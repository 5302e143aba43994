"""Many visitors, and many broken links, against a real server: none fails, nothing of them stays."""

from __future__ import annotations

import gc
import random

import psutil
import pytest
from bokeh.document import Document
from panel_material_ui import Page

from app.shell import Shell
from tests.app.protocol import LIMIT, Served, Visitor, fetch, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("load")]

SESSIONS, AT_ONCE = 200, 10
LINKS = 2_000
ODD = [
    "price=²", "q=%ff", "ticker=%00", "ticker=../../etc/passwd", "ticker=CON", "ticker=NAN", "ticker=123", "ticker=null",
    "ticker='%20OR%201=1--", "q=;ATTACH", "page=bogus", "page=", "sort=drop", "p=-1", "p=0", "p=1e9", "p=99999999999999",
    "q=%F0%9F%92%A9", "q=%E2%80%AE", "q=%3Cscript%3E", "window=²", "zone=Mars", "&&&", "=", "%", "%%%", "?", "#", "q=a&q=b",
    "page=market", "page=market&ticker=", "page=market&ticker=KXNO-SUCH", "page=status&page=pulse", "[]=1", "a[b]=c",
]  # fmt: skip


def living() -> tuple[int, ...]:
    gc.collect()
    things = gc.get_objects()
    return tuple(sum(isinstance(thing, kind) for thing in things) for kind in (Shell, Page, Document))


async def drained(server: Served) -> None:
    for _ in range(int(LIMIT * 40)):
        if server.sessions == 0:
            return
        await fetch(server.url("/healthz"))


def test_two_hundred_sessions_come_and_go_and_leave_nothing(context):
    async def crowd(server: Served) -> int:
        served = 0
        for _ in range(SESSIONS // AT_ONCE):
            visitors = [await Visitor.open(server.url("/?page=markets")) for _ in range(AT_ONCE)]
            served += sum(bool(visitor.document["roots"]) for visitor in visitors)
            for visitor in visitors:
                await visitor.close()
        await drained(server)
        return served

    with Served(context, unused_session_milliseconds=200) as server:
        assert run(crowd(server), 4) == SESSIONS
        first, megabytes = living(), psutil.Process().memory_info().rss / 1e6
        assert run(crowd(server), 4) == SESSIONS
        second, later = living(), psutil.Process().memory_info().rss / 1e6
        assert (server.sessions, context.hub.sessions) == (0, 0)
    # The framework keeps the last few for a while; a leak would keep two hundred.
    assert max(first) <= 3 * AT_ONCE
    assert all(late <= early + AT_ONCE for early, late in zip(first, second, strict=True)), (first, second)
    assert later - megabytes < 60, "200 more sessions may not leave 0.3 MB each"


def odd_links(count: int) -> list[str]:
    random_one = random.Random(42)
    letters = "abckxyz0189%²&=?/\\'\"<>;:#+-_.~ \u202e\u200b\u00e9\x7f"
    links = [f"?{odd}" for odd in ODD]
    links += ["?page=markets&p=" + "9" * 1_500, "?q=" + "a" * 1_900]
    while len(links) < count:
        known = random_one.choice(["page", "ticker", "q", "sort", "p", "window", "zone", "cat", "x"])
        noise = "".join(random_one.choices(letters, k=random_one.randrange(1, 60)))
        links.append(f"?{random_one.choice([known + '=', '', known])}{noise}")
    return links


def test_two_thousand_broken_links_give_a_page_each(context):
    from urllib.parse import quote

    async def visit(server: Served) -> list[tuple[int, str]]:
        failed = []
        for link in odd_links(LINKS):
            raw = "?" + quote(link[1:], safe="%&=;+?/'~:.-_")
            answer = await fetch(server.url("/" + raw))
            body = answer.body or b""
            if answer.code != 200 or b'"token"' not in body:
                failed.append((answer.code, raw[:120]))
        return failed

    with Served(context, unused_session_milliseconds=100, max_sessions=10_000) as server:
        assert run(visit(server), 20) == []


@pytest.mark.parametrize(
    "query", ["?" + "&".join(f"k{n}=1" for n in range(1_000)), "?q=" + "a" * 40_000, "?" + "=" * 5_000]
)
def test_links_beyond_all_measure_are_refused_with_an_explanation(context, query):
    with Served(context) as server:
        answer = run(fetch(server.url("/" + query)))
    assert answer.code in {414, 431, 400}
    if answer.code == 414:
        assert b"too long" in answer.body
