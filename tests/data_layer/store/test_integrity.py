"""Bad bytes never become numbers."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from data_layer.errors import CorruptFileError, NoDataError, StoreError
from data_layer.store import Lake, integrity
from data_layer.store.writer import Writer
from tests.data_layer.store import rows
from tests.data_layer.store.lake_checks import generations, publish, spoil

YESTERDAY = rows.NOW - timedelta(days=1)


def two_days(lake: Lake) -> dict[str, str]:
    """Store quotes of two days; return the file of each day."""
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 30))
        refresh.append("quotes", rows.quotes(100, 30, YESTERDAY))
    return {file.split("day=")[1][:10]: file for file in lake.snapshot().files("quotes")}


@pytest.mark.parametrize("how", ["truncated", "one bit", "same length", "longer", "empty", "gone"])
def test_a_damaged_file_is_never_served_and_can_be_repaired(lake: Lake, how: str) -> None:
    files = two_days(lake)
    spoil(files["2026-11-20"], how)
    reader = Lake(lake.root)
    for _ in range(2):
        with pytest.raises(CorruptFileError) as caught:
            reader.snapshot().files("quotes")
    assert caught.value.table == "quotes"
    assert caught.value.partition == {"day": "2026-11-20"}
    assert files["2026-11-20"].endswith(caught.value.path)
    # Damage of one day does not stand in the way of another.
    assert reader.snapshot().files("quotes", {"day": ["2026-11-19"]}) == [files["2026-11-19"]]
    # The writer's process learns of it without having read the file itself.
    writing = Lake(lake.root)
    (damage,) = writing.damaged()
    assert damage.path == caught.value.path
    assert any("quotes" in problem for problem in writing.problems())
    kept = list((lake.root / "quarantine").glob("*.parquet"))
    assert len(kept) == (0 if how == "gone" else 1)

    with writing.writer() as writer:
        (loss,) = writer.repair("quotes", [damage.path])
        assert (loss.partition, loss.rows) == ({"day": "2026-11-20"}, 30)
        assert (loss.first_key, loss.last_key) == ("T00000", "T00029")
        assert Lake(lake.root).snapshot().files("quotes") == [files["2026-11-19"]]
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", rows.quotes(0, 30))
    assert reader.snapshot().rows("quotes") == 60
    assert len(reader.snapshot().files("quotes")) == 2
    assert reader.damaged() == []
    assert writing.problems() == []


def test_a_sound_file_is_never_dropped_by_a_repair(lake: Lake) -> None:
    files = two_days(lake)
    with lake.writer() as writer:
        assert writer.repair("quotes", list(files.values())) == []
        assert writer.repair("quotes") == []
        assert writer.repair("markets") == []
    assert lake.snapshot().rows("quotes") == 60
    assert lake.snapshot().snapshot_id == 1


def upsert(writer: Writer) -> None:
    with writer.refresh("watch") as refresh:
        refresh.upsert_partitions("quotes", rows.quotes(0, 3))


REWRITES: dict[str, Callable[[Writer], object]] = {
    "compact": lambda writer: writer.compact("quotes", force=True),
    "upsert": upsert,
}


@pytest.mark.parametrize("rewrite", list(REWRITES))
def test_damaged_bytes_are_not_copied_into_a_new_file(lake: Lake, rewrite: str) -> None:
    with lake.writer() as writer:
        for hour in range(2):
            with writer.refresh("watch") as refresh:
                refresh.append("quotes", rows.quotes(0, 30, rows.NOW.replace(hour=hour)))
    spoil(lake.snapshot().files("quotes")[0], "one bit")
    fresh = Lake(lake.root)
    with fresh.writer() as writer, pytest.raises(CorruptFileError):
        REWRITES[rewrite](writer)
    assert fresh.snapshot().snapshot_id == 2


@pytest.mark.parametrize("planted", ["file", "folder"])
def test_a_link_that_leaves_the_lake_is_refused_even_with_the_right_bytes(
    lake: Lake, tmp_path: Path, planted: str
) -> None:
    file = Path(two_days(lake)["2026-11-20"])
    moved = file if planted == "file" else file.parent
    outside = tmp_path / "outside"
    shutil.move(moved, outside)
    moved.symlink_to(outside)
    with pytest.raises(CorruptFileError, match="leads elsewhere"):
        Lake(lake.root).snapshot().files("quotes")


def test_a_root_that_is_a_link_itself_works(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    lake = Lake(tmp_path / "data")
    publish(lake, 1)
    assert generations(Lake(tmp_path / "data").snapshot()) == {1}


def test_a_file_that_cannot_be_read_now_is_not_called_damaged(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(lake, 1)
    reader = Lake(lake.root)
    snapshot = reader.snapshot()

    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(integrity.os, "open", refuse)
        with pytest.raises(StoreError, match="Too many open files") as caught:
            snapshot.files("markets")
    assert not isinstance(caught.value, CorruptFileError)
    assert generations(snapshot) == {1}
    assert reader.damaged() == []


def test_each_file_is_hashed_once_in_a_process(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(lake, 1)
    reader = Lake(lake.root)
    hashed: list[str] = []
    fault: Callable = integrity.FileGuard.fault
    monkeypatch.setattr(
        integrity.FileGuard, "fault", lambda self, file: hashed.append(file.path) or fault(self, file)
    )
    for _ in range(3):
        assert generations(reader.snapshot()) == {1}
    assert len(hashed) == len(set(hashed)) == 2


def test_a_snapshot_that_was_retired_says_so_and_is_not_called_damaged(impatient: Lake) -> None:
    publish(impatient, 1)
    old = Lake(impatient.root).snapshot()
    publish(impatient, 2)
    with impatient.writer() as writer:
        writer.retain()
    with pytest.raises(NoDataError, match="no longer kept"):
        old.files("markets")


def test_damage_in_a_lake_that_cannot_be_written_is_still_refused(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(lake, 1)
    spoil(lake.snapshot().files("markets")[0], "one bit")
    reader = Lake(lake.root)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(integrity, "write_new", refuse)
    with pytest.raises(CorruptFileError):
        reader.snapshot().files("markets")
