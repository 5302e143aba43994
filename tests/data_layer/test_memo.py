"""One flight per key, failures shared and forgotten, a bounded memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from data_layer.memo import Memo


def test_two_hundred_threads_ask_and_one_computes() -> None:
    memo: Memo[str, int] = Memo()
    all_ask, computed = threading.Barrier(200), []

    def compute() -> int:
        computed.append(threading.get_ident())
        return 42

    def ask() -> int:
        all_ask.wait(30)
        return memo.get("key", compute)

    with ThreadPoolExecutor(200) as pool:
        answers = [pool.submit(ask) for _ in range(200)]
        assert {answer.result(30) for answer in answers} == {42}
    assert len(computed) == 1


def test_whoever_waits_for_a_failure_gets_it_and_the_next_one_tries_again() -> None:
    memo: Memo[str, int] = Memo()
    started, may_fail = threading.Event(), threading.Event()
    calls = []

    def fail() -> int:
        calls.append("fail")
        started.set()
        may_fail.wait(30)
        raise ZeroDivisionError

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(memo.get, "key", fail)
        assert started.wait(30)
        waiting = [pool.submit(memo.get, "key", fail) for _ in range(8)]
        while sum(future.running() for future in waiting) < 8:
            pass
        may_fail.set()
        for future in [first, *waiting]:
            with pytest.raises(ZeroDivisionError):
                future.result(30)
    assert memo.get("key", lambda: 7) == 7
    assert memo.get("key", lambda: 8) == 7


def test_the_least_recently_used_answer_is_forgotten_first() -> None:
    memo: Memo[str, str] = Memo(size=2)
    memo.get("a", lambda: "old a")
    memo.get("b", lambda: "old b")
    memo.get("a", lambda: "new a")
    memo.get("c", lambda: "old c")
    assert memo.get("a", lambda: "new a") == "old a"
    assert memo.get("b", lambda: "new b") == "new b"


def test_keys_do_not_wait_for_one_another() -> None:
    memo: Memo[str, int] = Memo()
    held = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(memo.get, "slow", lambda: held.wait(30) and 1)
        assert memo.get("fast", lambda: 2) == 2
        held.set()
        assert slow.result(30) == 1


def test_values_are_forgotten_by_their_weight_the_longest_unused_first() -> None:
    memo: Memo[str, str] = Memo(9, weigh=len, weight=5)
    computed: list[str] = []

    def ask(word: str) -> None:
        memo.get(word, lambda: computed.append(word) or word)

    for word in ("aaa", "bb", "aaa", "c"):  # six in all
        ask(word)
    assert computed == ["aaa", "bb", "c"]
    ask("aaa")
    ask("bb")
    assert computed == ["aaa", "bb", "c", "bb"]
    memo.keep(lambda word: word == "bb")
    for word in ("ccc", "bb"):
        ask(word)
    assert computed[4:] == ["ccc"]
    assert memo.get("longer", lambda: "longer") == "longer"
    ask("longer")
    assert computed[5:] == ["longer"]
