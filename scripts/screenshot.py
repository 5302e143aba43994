"""Take the pictures of the README from the simulated exchange: ``python scripts/screenshot.py``.

Needs Chromium (`CHROMIUM` names another one). The world of one seed is the same every time, its clock is not.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
LIMIT = 120_000
MOST_BYTES = 400_000

#: (file, width, height, dark, which page)
PICTURES = (
    ("pulse.png", 1440, 960, False, "pulse"),
    ("markets.png", 1440, 860, False, "markets"),
    ("market.png", 1440, 1060, False, "market"),
    ("market-dark.png", 1440, 1060, True, "market"),
)


def main() -> int:
    """Serve the simulated exchange, take every picture, stop; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    parser.add_argument("--markets", default="6000", help="open markets of the simulated exchange")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "app.cli", "serve", "--source", "demo", "--port", str(port)]
        environment = os.environ | {"KALSHI_DATA_DIR": folder, "KALSHI_DEMO_MARKETS": options.markets}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            print(server.stdout.readline().strip())
            take_all(f"http://127.0.0.1:{port}", options.folder)
        finally:
            server.terminate()
            server.wait(30)
    return 0


def take_all(address: str, folder: Path) -> None:
    """Take every picture of `PICTURES` into `folder`."""
    with sync_playwright() as driver:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        market = ""
        for name, width, height, dark, page in PICTURES:
            context = browser.new_context(viewport={"width": width, "height": height}, timezone_id="America/New_York")
            context.set_default_timeout(LIMIT)
            if dark:
                context.add_cookies([{"name": "ka_theme", "value": "dark", "url": address}])
            tab = context.new_page()
            if page != "pulse" and (page == "markets" or not market):
                market = open_markets(tab, address)
            if page == "market":
                open_market(tab, address + market)
            if page == "pulse":
                tab.goto(f"{address}/?page=pulse")
                expect(tab.get_by_text("Top movers")).to_be_visible(timeout=LIMIT)
                tab.wait_for_timeout(3_000)
            tab.mouse.move(2, height - 2)
            tab.wait_for_timeout(900)  # let the last changed cells fade
            tab.screenshot(path=folder / name)
            size = (folder / name).stat().st_size
            print(f"{name}: {size:,} bytes")
            if size > MOST_BYTES:
                raise SystemExit(f"{name} is larger than {MOST_BYTES:,} bytes")
            context.close()
        browser.close()


def open_markets(tab: Page, address: str) -> str:
    """Show the list; return the link of a market worth a picture: one that has moved for weeks."""
    tab.goto(f"{address}/?page=markets&q=approval")
    rows = tab.locator("tbody tr")
    expect(rows.first).to_be_visible(timeout=LIMIT)
    market = rows.first.locator("a").get_attribute("href") or ""
    tab.goto(f"{address}/?page=markets")
    expect(rows).to_have_count(50, timeout=LIMIT)
    return f"/{market}&window=30d"


def open_market(tab: Page, address: str) -> None:
    """Show a market with its chart."""
    tab.goto(address)
    expect(tab.locator(".chart[data-drawn] canvas")).to_be_visible(timeout=LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
