"""The example host in a real Chromium: mounted, framed, and one view inside the host's page; nothing from elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.app.fakes import FakeContext
from tests.app.protocol import Served

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LIMIT = 60_000

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser tests")
pytestmark = [
    pytest.mark.ui,
    pytest.mark.xdist_group("embedding"),
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason=f"no Chromium at {CHROMIUM}: no browser tests"),
]


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Iterator[str]:
    """The example, run as its documentation says, over the simulated exchange; its address."""
    folder = tmp_path_factory.mktemp("host")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "examples/tornado_host.py",
        "--port",
        str(port),
        "--source",
        "demo",
        "--data-dir",
        folder,
    ]
    environment = os.environ | {"KALSHI_DEMO_MARKETS": "300"}
    log = (folder / "log").open("w+")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not _answers(f"{address}/tools/kalshi/readyz"):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
        yield address
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (folder / "log").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        log.close()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser) -> Iterator[playwright.Page]:
    """A tab that reaches this machine alone; the test fails if anything else was asked for, or a script failed."""
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    context.set_default_timeout(LIMIT)
    foreign: list[str] = []
    failures: list[str] = []

    def check(route: playwright.Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    context.route("**/*", check)
    tab = context.new_page()
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.on(
        "response",
        lambda r: failures.append(f"{r.status} {r.url}") if r.status >= 400 and "favicon" not in r.url else None,
    )
    yield tab
    context.close()
    assert not foreign
    assert not failures


def drawn(where: playwright.Page | playwright.FrameLocator) -> None:
    """Wait until the chart of a market has drawn."""
    playwright.expect(where.locator(".chart[data-drawn] canvas").first).to_be_visible(timeout=LIMIT)


def test_mounted_the_dashboard_goes_from_list_to_market_and_back(host, tab):
    tab.goto(f"{host}/tools/kalshi/?page=markets")
    first = tab.locator("td.link a").first
    playwright.expect(first).to_be_visible(timeout=LIMIT)
    assert urlsplit(tab.url).path == "/tools/kalshi/"
    first.press("Enter")
    playwright.expect(tab).to_have_url(re.compile(r"/tools/kalshi/\?page=market&ticker="))
    drawn(tab)
    tab.go_back()
    playwright.expect(tab.locator("td.link a").first).to_be_visible(timeout=LIMIT)
    playwright.expect(tab).to_have_url(f"{host}/tools/kalshi/?page=markets")
    tab.go_forward()
    drawn(tab)
    tab.reload()
    drawn(tab)


def test_framed_the_dashboard_works_inside_the_hosts_page(host, tab):
    tab.goto(f"{host}/framed")
    frame = tab.frame_locator("iframe")
    frame.locator("td.link a").first.press("Enter")
    drawn(frame)
    assert tab.evaluate("location.pathname + location.search") == "/framed"
    assert tab.title() == "Prediction markets"


def test_one_view_stands_in_the_hosts_page_and_changes_nothing_around_it(host, tab):
    tab.goto(f"{host}/market")
    drawn(tab)
    assert tab.title() == "One market"
    assert tab.evaluate("location.pathname + location.search") == "/market"
    assert tab.evaluate("document.cookie") == "", "only the host's cookie is set, and that one is not for scripts"
    host_style = tab.evaluate(
        "[getComputedStyle(document.body).fontFamily, getComputedStyle(document.body).overflow]"
    )
    assert host_style == ["Georgia, serif", "visible"]
    assert tab.evaluate("document.querySelector('.card').getBoundingClientRect().height") > 600


def test_links_of_the_view_lead_to_the_whole_dashboard_and_the_hosts_stay_its_own(host, tab):
    tab.goto(f"{host}/market")
    drawn(tab)
    for button in ("left", "middle"):
        with tab.context.expect_page() as opened:
            tab.get_by_role("link", name="Markets", exact=True).first.click(button=button)
        other = opened.value
        assert other.evaluate("location.pathname + location.search").startswith("/tools/kalshi/?page=markets")
        playwright.expect(other.locator("td.link a").first).to_be_visible(timeout=LIMIT)
        other.close()
    assert tab.evaluate("location.pathname + location.search") == "/market"
    tab.get_by_role("link", name="Home").click()
    playwright.expect(tab).to_have_url(f"{host}/")


def test_one_view_alone_fits_a_frame_light_and_dark(host, tab):
    tab.goto(f"{host}/tools/kalshi/single-view?page=markets&theme=dark")
    playwright.expect(tab.locator("td.link a").first).to_be_visible(timeout=LIMIT)
    ground = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(18, 23, 28)"
    with tab.context.expect_page() as opened:
        tab.locator("td.link a").first.click()
    assert "/tools/kalshi/?page=market&ticker=" in opened.value.url


@pytest.fixture
def foreign_page() -> Iterator[tuple[str, dict[str, str]]]:
    """A server of somebody else: its origin, and its pages by path, to be filled."""
    pages: dict[str, str] = {}

    class Foreign(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *_given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", pages
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_pages_of_others_may_frame_the_own_server_only_where_they_are_named(tab, foreign_page):
    origin, pages = foreign_page
    with Served(FakeContext(), frame_ancestors=[origin]) as named, Served(FakeContext()) as unnamed:
        pages["/"] = "".join(
            f'<iframe name="{name}" src="{served.url("/?page=markets")}" width="900" height="400"></iframe>'
            for name, served in (("named", named), ("unnamed", unnamed))
        )
        refused = []
        tab.on("console", lambda message: refused.append(message.text) if "frame-ancestors" in message.text else None)
        tab.goto(origin)
        playwright.expect(tab.frame_locator("[name=named]").locator("td.link a").first).to_be_visible(timeout=LIMIT)
        assert len(refused) == 1
        assert unnamed.url() in refused[0]
        assert unnamed.sessions == 1, "the page was made, and thrown away by the browser"
        assert tab.frame(name="unnamed").url.startswith("chrome-error:")
