"""The page about the simulated exchange lists the faults there are."""

from __future__ import annotations

import re
from pathlib import Path

from data_layer.demo import FAULTS
from data_layer.demo.world import LIVE_DAYS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "simulated-exchange.md"


def test_the_table_of_faults_is_true():
    text = PAGE.read_text("utf-8")
    listed = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", text, re.MULTILINE))
    assert listed == FAULTS
    assert f"more than {LIVE_DAYS} days ago" in text
