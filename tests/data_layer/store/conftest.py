"""Processes beside the test's own, and what a reader sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data_layer.store import Lake, LakeSettings
from tests.data_layer.store import rows

PROJECT = Path(__file__).resolve().parents[3]

Child = subprocess.Popen[str]
Spawn = Callable[..., Child]


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start `child.py`; whatever still runs at the end of the test is killed."""
    children: list[Child] = []

    def start(what: str, root: Path, *rest: object) -> Child:
        command = [sys.executable, "-m", "tests.data_layer.store.child", what, str(root), *map(str, rest)]
        child = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake whose clock stands at rows.NOW."""
    return Lake(tmp_path / "lake", clock=rows.NOW.timestamp)


@pytest.fixture
def impatient(tmp_path: Path) -> Lake:
    """The same lake, of which retention keeps one snapshot only."""
    return Lake(tmp_path / "lake", LakeSettings(keep_snapshots=1, keep_snapshot_hours=0), clock=rows.NOW.timestamp)
