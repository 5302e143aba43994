"""(e) crawl 120,000 simulated markets without the rate limit, the exchange in a process of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measuring import Row

MARKETS = 120_000

_CRAWL = """
import resource, sys, time
from pathlib import Path
from data_layer.api import KalshiClient, Unlimited
from data_layer.ingest import Ingest
from data_layer.store import Lake
started = time.perf_counter()
with Lake(Path(sys.argv[2])).writer() as writer:
    report = Ingest(KalshiClient([sys.argv[1]], rate_limit=Unlimited()), writer, "demo").universe()
assert report.outcome == "complete", report.error
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, report.rows, report.pages)
"""


def crawl(folder: Path) -> list[Row]:
    """Return seconds and peak memory of one crawl into an empty lake, and of the next one into a full one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    exchange = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "demo", "--port", str(port), "--markets", str(MARKETS), "--rate", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    root = folder / "crawled"
    shutil.rmtree(root, ignore_errors=True)
    rows = []
    try:
        _await(port)
        for name in ("(e) crawl of 120,000 markets, first", "(e) the same again, only changed quotes stored"):
            done = subprocess.run(
                [sys.executable, "-c", _CRAWL, f"http://127.0.0.1:{port}/trade-api/v2", str(root)],
                capture_output=True, text=True, timeout=600,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(done.stderr)
            seconds, megabytes, stored, pages = (float(part) for part in done.stdout.split())
            note = f"{stored:,.0f} rows, {pages:.0f} pages, peak {megabytes:,.0f} MB (target 1,000)"
            rows.append(Row(name, seconds * 1000, seconds * 1000, target_milliseconds=60_000, note=note))
    finally:
        exchange.terminate()
        exchange.wait(20)
    return rows


def _await(port: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("the simulated exchange did not start")
