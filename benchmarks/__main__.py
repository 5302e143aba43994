"""``python -m benchmarks [letters [markets …]]``: run all measurements, or those of some letters, and print one table.

What is measured of a served dashboard is measured at each number of markets.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.alert_benchmark import alerts
from benchmarks.browser_benchmarks import visits
from benchmarks.change_benchmarks import filters, large_event, palette
from benchmarks.crawl_benchmark import crawl
from benchmarks.lake_benchmarks import build, market_year, movers, opened, page_of_markets, screener, upkeep
from benchmarks.measuring import Row, printed
from benchmarks.page_benchmarks import lists
from benchmarks.serving import bare, dashboard
from benchmarks.session_benchmarks import sessions

RESULTS = Path("bench-results")
#: Markets of the simulated exchange that the dashboard is served over.
SIZES = (5_000, 150_000)


def main(letters: str, sizes: Sequence[int]) -> None:
    rows: list[Row] = []
    RESULTS.mkdir(exist_ok=True)
    if set(letters) & set("abcf"):
        print(
            "building 8.76 million candlesticks, 6.9 million quotes, 150,000 markets (kept for the next run) …",
            flush=True,
        )
        lake = build(RESULTS / "synthetic")
        seed_layout = RESULTS / "synthetic" / "one-file-a-ticker"
        with opened(lake) as repository:
            if "a" in letters:
                rows.append(screener(repository))
            if "b" in letters:
                rows.append(market_year(repository, seed_layout))
            if "c" in letters:
                rows += movers(repository, seed_layout)
    if "d" in letters:
        rows.append(page_of_markets())
    if "e" in letters:
        rows += crawl(RESULTS)
    if "f" in letters:
        rows += upkeep(RESULTS / "synthetic", lake)
    if set(letters) & set("ghijklmn"):
        for markets in sizes:
            with dashboard(RESULTS, markets) as server, bare() as floor:
                if set(letters) & set("gik") and markets == sizes[0]:
                    rows += sessions(server, floor)
                if set(letters) & set("hk"):
                    rows += filters(server, floor, markets)
                if "j" in letters:
                    rows += visits(server, floor, markets)
                if "l" in letters:
                    rows += palette(server, floor, markets)
                if "m" in letters:
                    rows += large_event(server, floor, markets)
                if "n" in letters:
                    rows += lists(server, floor, markets)
    if "r" in letters:
        rows += alerts(RESULTS)
    text = printed(rows)
    (RESULTS / "latest.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "abcdefghijklmnr"
    main(chosen, [int(size) for size in sys.argv[2:]] or SIZES)
