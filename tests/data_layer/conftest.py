"""Fixtures of the data layer's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data_layer.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A whole data layer over an empty lake and a fake exchange."""
    with World(tmp_path) as world:
        yield world
