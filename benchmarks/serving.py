"""The dashboard over the simulated exchange, and the framework alone: each served by a process of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


class Server:
    """A served application, its address and its process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = psutil.Process(process.pid)

    def url(self, query: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{query}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url(path), timeout=30) as answer:
            return answer.read()

    @property
    def cpu_seconds(self) -> float:
        used = self.process.cpu_times()
        return used.user + used.system

    @property
    def megabytes(self) -> float:
        return self.process.memory_info().rss / 1e6

    def still(self, seconds: float = 8, most: float = 60) -> None:
        """Wait until nothing new was stored for some seconds: what was opened has been fetched, or most of it."""
        end = time.monotonic() + most
        before, since = None, time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < seconds:
            snapshot = json.loads(self.get("readyz"))["snapshot"]
            if snapshot != before:
                before, since = snapshot, time.monotonic()
            time.sleep(0.5)


@contextmanager
def dashboard(folder: Path, markets: int) -> Iterator[Server]:
    """Serve `markets` simulated markets until the block ends, from when they are stored.

    The exchange is a process of its own, asked at the pace and under the limit of the real one: what is measured is
    the dashboard, not the simulation beside it.
    """
    data = folder / f"served-{markets}"
    shutil.rmtree(data, ignore_errors=True)
    try:
        with _process("app.cli", "demo", "--markets", str(markets), "--rate", "0", "--port") as exchange:
            _await(lambda: exchange.get("trade-api/v2/exchange/status"), 180)
            options = ["--base-urls", exchange.url("trade-api/v2"), "--data-dir", str(data), "--log-level", "ERROR"]
            with _process("app.cli", "serve", "--source", "live", *options, "--port") as server:
                _await(lambda: json.loads(server.get("readyz"))["stage"] == "idle", 600)
                yield server
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def bare() -> Iterator[Server]:
    """Serve a page of one button and one text until the block ends: the floor of whatever Panel serves."""
    with _process("benchmarks.bare_application") as server:
        _await(lambda: server.get("healthz"), 60)
        yield server


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(30)


def _await(true, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except (OSError, urllib.error.HTTPError):
            pass
        time.sleep(0.5)
    raise RuntimeError("the server did not become ready")
