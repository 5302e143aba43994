"""The first start without a network, as a visitor sees it: the real program, its own simulated exchange, Chromium."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.slow, pytest.mark.xdist_group("first-start")]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("first-start")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "serve",
        "--source",
        "demo",
        "--port",
        str(port),
        "--data-dir",
        str(folder),
    ]
    log = (folder / "log").open("w+")
    environment = os.environ | {"KALSHI_DEMO_MARKETS": "2000", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert f"http://localhost:{port}/" in said, said + (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert "Traceback" not in (folder / "log").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        process.stdout.close()
        log.close()


def test_from_nothing_to_a_market_with_its_chart(address, browse):
    tab = browse(f"{address}/?page=markets")
    expect(tab.locator(".ka-simulated")).to_contain_text("Simulated exchange: not Kalshi’s prices.")
    rows = tab.locator("table[aria-label='Open markets'] tbody tr")
    expect(rows).to_have_count(50, timeout=LIMIT)
    expect(tab.locator(".badge")).to_contain_text("simulated")
    rows.first.locator("a").press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))
    expect(tab.locator(".chart[data-drawn] canvas")).to_be_visible(timeout=LIMIT)
    expect(tab.locator(".fact").filter(has_text="Open interest")).to_be_visible()
    title = tab.get_by_role("heading", level=1).inner_text()
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_have_text(title)
    expect(tab.locator(".ka-simulated")).to_be_visible()
    tab.go_back()
    expect(rows).to_have_count(50, timeout=LIMIT)


def test_prices_move_while_one_looks(address, browse):
    tab = browse(f"{address}/?page=markets")
    cell = tab.locator("td.changed")
    expect(cell.first).to_be_attached(timeout=LIMIT)
