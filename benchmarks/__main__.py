"""``python -m benchmarks [letters]``: run all measurements, or those of some letters, and print one table."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.alert_benchmark import alerts
from benchmarks.crawl_benchmark import crawl
from benchmarks.lake_benchmarks import build, market_year, movers, opened, page_of_markets, screener, upkeep
from benchmarks.measuring import Row, printed
from benchmarks.session_benchmarks import filters, large_event, lists, pages, palette, served, sessions

RESULTS = Path("bench-results")


def main(letters: str) -> None:
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
        for markets in (5_000, 150_000):
            with served(RESULTS, markets) as dashboard:
                if markets == 5_000 and set(letters) & set("ghijk"):
                    rows += sessions(dashboard) + pages(dashboard)
                if set(letters) & set("ghijk"):
                    rows += filters(dashboard, markets)
                if "l" in letters:
                    rows += palette(dashboard, markets)
                if "m" in letters:
                    rows += large_event(dashboard, markets)
                if "n" in letters:
                    rows += lists(dashboard, markets)
    if "r" in letters:
        rows += alerts(RESULTS)
    text = printed(rows)
    (RESULTS / "latest.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "abcdefghijklmnr")
