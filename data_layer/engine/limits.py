"""What one query may use."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Memory and threads of DuckDB, time and rows of one query, queries at a time, bytes of answers that are kept."""

    memory: str = "2GB"
    threads: int = min(4, os.cpu_count() or 1)
    seconds: float = 10.0
    rows: int = 100_000
    slow_seconds: float = 1.0
    concurrent: int = 4
    remembered: int = 256 * 2**20
