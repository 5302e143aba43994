"""Fixtures for tests of the screen: a process in miniature, and a session's state."""

from __future__ import annotations

import pytest

from app.state import State
from tests.app.fakes import NOW, FakeContext


@pytest.fixture
def context():
    return FakeContext()


@pytest.fixture
def state():
    return State()


@pytest.fixture
def clock():
    """A clock that stands still; set `clock.now` to move it."""

    class Clock:
        now = NOW

        def __call__(self):
            return self.now

    return Clock()
