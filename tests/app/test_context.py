"""Which source is shown: live, older live data, or the simulation that says so; driven through real sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app import context as context_module
from app.context import Context
from app.settings import Settings
from data_layer.demo import start_exchange

SMALL = {"demo_markets": 300, "universe_seconds": 3600.0}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


#: Callbacks at the end run in reverse: this one sees what the context has left.
_ENDING = """
import atexit, threading
atexit.register(lambda: print([thread.name for thread in threading.enumerate() if "refresher" in thread.name]))
from app.context import get_context
print(bool(get_context().refresher))
"""


def test_the_context_of_a_process_ends_its_threads_before_the_interpreter_goes(tmp_path):
    more = {"KALSHI_SOURCE": "demo", "KALSHI_DATA_DIR": str(tmp_path), "KALSHI_DEMO_MARKETS": "300"}
    ended = subprocess.run(
        [sys.executable, "-c", _ENDING], env=os.environ | more, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.split() == ["True", "[]"]


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def shows_markets(context: Context) -> bool:
    return bool(context.repository.snapshot_id and context.repository.snapshot_info().open_markets)


def settings_for(tmp_path, port: int, **more) -> Settings:
    base = (f"http://127.0.0.1:{port}/trade-api/v2",)
    return Settings(data_dir=tmp_path, base_urls=base, requests_per_second=15.0, **SMALL | more)


def test_first_start_without_a_connection_shows_the_simulation_and_says_so(tmp_path):
    context = Context(settings_for(tmp_path, free_port())).start()
    try:
        assert eventually(lambda: shows_markets(context))
        progress = context.progress()
        assert progress.simulated
        assert progress.live_unreachable_since is not None
        assert progress.next_attempt is not None
        assert context.repository.source == "demo"
        assert not (tmp_path / "live" / "snapshots").exists()
    finally:
        context.close()


def test_simulation_gives_way_when_live_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(context_module, "RETRY_SECONDS", 0.2)
    port = free_port()
    context = Context(settings_for(tmp_path, port)).start()
    try:
        assert eventually(lambda: shows_markets(context))
        published = context.hub.version
        with start_exchange(markets=120, settled=200, seed=7, port=port):
            assert eventually(lambda: not context.progress().simulated)
            assert context.repository.source == "live"
            assert context.hub.version > published
            assert 0 < context.repository.snapshot_info().open_markets < 200
    finally:
        context.close()


def test_older_live_data_are_shown_when_live_is_gone(tmp_path):
    port = free_port()
    with start_exchange(markets=120, settled=200, seed=7, port=port):
        first = Context(settings_for(tmp_path, port))
        assert {report.outcome for report in first.refresh_once()} == {"complete"}
        first.close()
    context = Context(settings_for(tmp_path, port)).start()
    try:
        assert eventually(lambda: shows_markets(context))
        assert context.repository.source == "live"
        assert not context.progress().simulated
        assert eventually(lambda: context.progress().error is not None)
        assert context.repository.snapshot_info().as_of is not None
    finally:
        context.close()


def test_opened_market_gets_its_history(tmp_path):
    context = Context(settings_for(tmp_path, free_port(), source="demo")).start()
    try:
        assert eventually(lambda: shows_markets(context))
        yesterday = datetime.now(UTC) - timedelta(days=1)  # what opened within the hour has no whole one yet
        ticker = next(row["ticker"] for row in context.repository.markets().rows() if row["open_time"] < yesterday)
        assert context.repository.candlesticks(ticker, 60).total == 0
        context.request_market(ticker)
        assert eventually(lambda: context.repository.candlesticks(ticker, 60).total > 0)
    finally:
        context.close()


@pytest.mark.parametrize("source", ["demo", "auto"])
def test_closing_ends_every_thread(tmp_path, source):
    import threading

    before = {thread.ident for thread in threading.enumerate()}
    context = Context(settings_for(tmp_path, free_port(), source=source)).start()
    assert eventually(lambda: shows_markets(context))
    context.close()
    ours = ("refresher", "await-live", "simulated")
    assert eventually(
        lambda: (
            not [
                t.name
                for t in threading.enumerate()
                if t.ident not in before and t.is_alive() and t.name.startswith(ours)
            ]
        ),
        10,
    )
