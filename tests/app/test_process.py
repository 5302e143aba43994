"""Whole processes: start, SIGTERM in mid-refresh, two over one lake, the writer killed with kill -9."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data_layer.store import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]


class Process:
    """`kalshi-dashboard serve` over the simulated exchange, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "app.cli", "serve", "--source", "demo", "--demo-markets", "300"]
        self.popen = subprocess.Popen(
            [*command, "--data-dir", str(folder), "--port", str(self.port), "--log-level", "WARNING"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

    def answers(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as found:
                return found.status, found.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""


def eventually(holds: Callable[[], bool], seconds: float = 90.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return holds()


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[[], Process]]:
    running: list[Process] = []

    def one() -> Process:
        running.append(Process(tmp_path))
        return running[-1]

    yield one
    for process in running:
        process.popen.kill()
        process.popen.wait(20)
        process.popen.stderr.close()


def lake(folder: Path) -> Lake:
    return Lake(next(folder.glob("demo-*")))


def test_ready_only_when_there_is_something_to_show_and_gone_cleanly_on_sigterm(start, tmp_path):
    process = start()
    assert eventually(lambda: process.answers("/readyz")[0] == 200)
    said = json.loads(process.answers("/readyz")[1])
    assert said["open_markets"] > 0
    assert process.answers("/healthz")[0] == 200
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(30) == 0
    assert "Traceback" not in process.popen.stderr.read()
    assert lake(tmp_path).snapshot().rows("markets") > 0


def test_sigterm_in_mid_refresh_leaves_a_whole_snapshot(start, tmp_path):
    process = start()
    assert eventually(lambda: process.answers("/healthz")[0] == 200)
    process.popen.send_signal(signal.SIGTERM)  # most likely while the first crawl is under way
    assert process.popen.wait(30) == 0
    with lake(tmp_path).writer() as writer:
        snapshot = writer.snapshot()
        for table in snapshot.tables:
            assert snapshot.files(table)


def test_reader_takes_over_when_the_writer_is_killed(start, tmp_path):
    first = start()
    assert eventually(lambda: first.answers("/readyz")[0] == 200)
    second = start()
    assert eventually(lambda: second.answers("/readyz")[0] == 200)
    assert json.loads((lake(tmp_path).root / "writer.json").read_text())["pid"] == first.popen.pid
    os.kill(first.popen.pid, signal.SIGKILL)
    first.popen.wait(20)
    before = lake(tmp_path).snapshot().snapshot_id
    assert eventually(lambda: lake(tmp_path).snapshot().snapshot_id > before)
    assert json.loads((lake(tmp_path).root / "writer.json").read_text())["pid"] == second.popen.pid
    assert second.answers("/readyz")[0] == 200
