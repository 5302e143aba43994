"""The rate limit holds across threads, processes, crashes and clocks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api import RateLimit
from data_layer.api.rate_limit import LONGEST_QUEUE_SECONDS
from data_layer.errors import KalshiRateLimitError, StoreError
from tests.data_layer.api.scripted import Asked, FakeClock, ScriptedServer, http_answer


def most_in_a_window(stamps: list[float], seconds: float = 1.0) -> int:
    ordered = sorted(stamps)
    return max(sum(start <= stamp < start + seconds for stamp in ordered) for start in ordered)


def departures(limit: RateLimit, clock: FakeClock, count: int) -> list[float]:
    stamps = []
    for _ in range(count):
        limit.acquire()
        stamps.append(clock())
    return stamps


@given(st.lists(st.floats(0, 3), min_size=30, max_size=60))
def test_never_more_than_four_depart_in_a_second_however_requests_come(idle: list[float]) -> None:
    clock = FakeClock()
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    stamps = []
    for pause in idle:
        clock.now += pause if pause > 2 else 0
        limit.acquire()
        stamps.append(clock())
    assert most_in_a_window(stamps) <= 4
    assert all(sum(start <= s < start + 30 for s in stamps) <= 92 for start in stamps)


def test_a_busy_client_gets_three_a_second(clock: FakeClock) -> None:
    stamps = departures(RateLimit(clock=clock, sleep=clock.sleep), clock, 301)
    assert stamps[300] - stamps[0] == pytest.approx(100)


def test_six_arrivals_in_a_second_would_need_a_delay_of_almost_half_a_second(clock: FakeClock) -> None:
    stamps = departures(RateLimit(clock=clock, sleep=clock.sleep), clock, 200)
    assert min(later - earlier for earlier, later in zip(stamps, stamps[5:], strict=False)) > 1.45


def test_two_limits_on_one_file_share_one_queue(clock: FakeClock, tmp_path: Path) -> None:
    one, two = (RateLimit(tmp_path / "limit", clock=clock, sleep=clock.sleep) for _ in range(2))
    stamps = [at for _ in range(20) for at in departures(one, clock, 1) + departures(two, clock, 1)]
    assert most_in_a_window(stamps) <= 4
    assert stamps[-1] - stamps[0] > 12


def test_ten_thousand_requests_through_three_limits_on_one_file_keep_the_promise(
    clock: FakeClock, tmp_path: Path
) -> None:
    limits = [RateLimit(tmp_path / "limit", clock=clock, sleep=clock.sleep) for _ in range(3)]
    stamps = [at for _ in range(3334) for limit in limits for at in departures(limit, clock, 1)]
    assert all(later - earlier > 1 for earlier, later in zip(stamps, stamps[4:], strict=False))
    assert (len(stamps) - 1) / (stamps[-1] - stamps[0]) == pytest.approx(3, rel=0.01)


def test_a_key_raises_the_limit(clock: FakeClock) -> None:
    stamps = departures(RateLimit(per_second=20, clock=clock, sleep=clock.sleep), clock, 200)
    assert 9 < stamps[-1] - stamps[0] < 10.1


def test_a_queue_longer_than_the_deadline_is_refused_at_once_and_books_nothing(clock: FakeClock) -> None:
    limit = RateLimit(clock=clock, sleep=lambda seconds: None)  # sleeps no one: bookings pile up
    for _ in range(4):
        limit.acquire()
    with pytest.raises(KalshiRateLimitError, match="queue"):
        limit.acquire(longest_wait_seconds=0.5)
    limit.acquire(longest_wait_seconds=1.5)


def test_a_process_that_slept_through_its_turn_queues_again(tmp_path: Path, clock: FakeClock) -> None:
    def oversleep(seconds: float) -> None:
        clock.now += seconds + (5.0 if not overslept else 0.0)
        overslept.append(seconds)

    overslept: list[float] = []
    limit = RateLimit(tmp_path / "limit", clock=clock, sleep=oversleep)
    limit.acquire()
    limit.acquire()
    other = RateLimit(tmp_path / "limit", clock=clock, sleep=clock.sleep)
    stamps = [clock(), *departures(other, clock, 4)]
    assert len(overslept) == 1
    assert most_in_a_window(stamps) <= 4


@pytest.mark.parametrize("content", [b"torn", b"\xff" * 32, b"\0" * 5000], ids=len)
def test_a_damaged_state_file_counts_as_a_full_window_and_heals(
    tmp_path: Path, clock: FakeClock, content: bytes
) -> None:
    path = tmp_path / "limit"
    path.write_bytes(content)
    began = clock()
    stamps = departures(RateLimit(path, clock=clock, sleep=clock.sleep), clock, 8)
    assert stamps[0] - began == pytest.approx(4 / 3)
    assert most_in_a_window(stamps) <= 4
    assert path.stat().st_size == 32


def test_stamps_from_before_a_reboot_do_not_block(tmp_path: Path) -> None:
    before = FakeClock(now=5_000_000.0)
    departures(RateLimit(tmp_path / "limit", clock=before, sleep=before.sleep), before, 8)
    after = FakeClock(now=3.0)
    departures(RateLimit(tmp_path / "limit", clock=after, sleep=after.sleep), after, 4)
    assert after() - 3.0 < LONGEST_QUEUE_SECONDS / 10


def test_the_state_file_is_never_followed_to_somewhere_else(tmp_path: Path, clock: FakeClock) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "limit").symlink_to(victim)
    with pytest.raises(StoreError):
        RateLimit(tmp_path / "limit", clock=clock, sleep=clock.sleep).acquire()
    assert victim.read_text() == "precious"


WORKER = """
import sys, threading
from pathlib import Path
from data_layer.api import KalshiClient, RateLimit
client = KalshiClient([sys.argv[1]], rate_limit=RateLimit(Path(sys.argv[2])))
def ask():
    for _ in range(10):
        client.get_exchange_status()
threads = [threading.Thread(target=ask) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.mark.slow
def test_three_processes_with_two_threads_each_never_bring_more_than_five_in_a_second(
    serve: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    lock = threading.Lock()
    arrivals: list[float] = []

    def answer(asked: Asked, connected: object) -> bytes:
        with lock:
            arrivals.append(asked.at)
            return http_answer({"exchange_active": True, "trading_active": True})

    server = serve(answer)
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", WORKER, server.url, str(tmp_path / "limit")]
    began = time.monotonic()
    workers = [subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}) for _ in range(3)]
    try:
        assert [worker.wait(timeout=90) for worker in workers] == [0, 0, 0]
    finally:
        for worker in workers:
            worker.kill()
    assert len(arrivals) == 60
    assert most_in_a_window(arrivals) <= 5
    assert time.monotonic() - began >= 18, "60 requests at 3 a second"
