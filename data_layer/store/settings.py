"""How the lake is laid out on disk and how long it keeps things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Days a table keeps its rows; a table that is not named here keeps them for ever.
RETENTION_DAYS: dict[str, float | None] = {
    "quotes": 90.0,
    "trades": 30.0,
    "order_books": 2.0,
    "rejects": 30.0,
    "refresh_log": 90.0,
}

#: Days candlesticks are kept, by their period in minutes; None is for ever.
CANDLESTICK_RETENTION_DAYS: dict[int, float | None] = {1: 14.0, 60: 400.0, 1440: None}


@dataclass(frozen=True)
class LakeSettings:
    """Layout and retention of one lake; every figure has its reason in docs/adr/0040 and the measurements there."""

    #: Parquet codec (zstd, snappy, lz4_raw, gzip, uncompressed) and its level, where it has one.
    codec: str = "zstd"
    codec_level: int | None = 3
    #: Rows of a Parquet row group: the unit that min/max statistics prune and that threads share.
    row_group_rows: int = 61_440
    #: Snapshots that stay readable without a lease: at least this many, and all younger than this many hours.
    keep_snapshots: int = 3
    keep_snapshot_hours: float = 1.0
    #: A partition with this many files is rewritten as one sorted file by `Writer.compact`.
    compact_files: int = 8
    #: Days of Delta history (`DeltaTable.history`); what is read never depends on it.
    history_days: int = 1
    retention_days: Mapping[str, float | None] = field(default_factory=lambda: dict(RETENTION_DAYS))
    candlestick_retention_days: Mapping[int, float | None] = field(
        default_factory=lambda: dict(CANDLESTICK_RETENTION_DAYS)
    )
