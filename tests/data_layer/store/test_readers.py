"""Readers under a writer that never rests."""

from __future__ import annotations

import threading

import duckdb
import pytest

from data_layer.store import Lake
from tests.data_layer.store.conftest import Spawn
from tests.data_layer.store.lake_checks import publish

QUESTION = """
    SELECT min(markets.volume_contracts), max(markets.volume_contracts), count(*),
           min(events.exchange_index), max(events.exchange_index)
    FROM read_parquet([{markets}]) AS markets CROSS JOIN read_parquet([{events}]) AS events
"""


class Reader(threading.Thread):
    """Reads the newest snapshot again and again with DuckDB, as the engine does."""

    def __init__(self, lake: Lake, enough: threading.Event) -> None:
        super().__init__()
        self.lake = lake
        self.enough = enough
        self.reads = 0
        self.mixed: list[tuple] = []
        self.errors: list[Exception] = []
        self.seen: set[int] = set()

    def run(self) -> None:
        connection = duckdb.connect(config={"threads": 1})
        while not self.enough.is_set():
            try:
                with self.lake.pin() as snapshot:
                    files = {
                        name: ", ".join(f"'{file}'" for file in snapshot.files(name))
                        for name in ("markets", "events")
                    }
                    row = connection.execute(QUESTION.format(**files)).fetchone()
            except Exception as error:  # noqa: BLE001 -- any error at all is what the test is about
                self.errors.append(error)
                continue
            assert row is not None
            low, high, count, first, last = row
            self.reads += 1
            self.seen.add(int(low))
            if not (low == high == first == last and count == 15):
                self.mixed.append(row)


@pytest.mark.slow
def test_no_reader_ever_fails_or_mixes_two_refreshes(impatient: Lake, spawn: Spawn) -> None:
    publish(impatient, 1)
    enough = threading.Event()
    # One reader shares the lake with another thread, one has its own, as another process would.
    shared = Lake(impatient.root)
    readers = [Reader(shared, enough), Reader(shared, enough), Reader(Lake(impatient.root), enough)]
    for reader in readers:
        reader.start()
    child = spawn("refresh_for_ever", impatient.root, 2)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "250":
            break
    enough.set()
    for reader in readers:
        reader.join(30)
    assert [error for reader in readers for error in reader.errors] == []
    assert [row for reader in readers for row in reader.mixed] == []
    assert sum(reader.reads for reader in readers) > 250
    assert len(set().union(*(reader.seen for reader in readers))) > 50
