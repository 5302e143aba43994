"""A full disk, a folder that cannot be written, no descriptors left: typed errors, and the old data stays readable."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data_layer.errors import StoreError
from data_layer.store import Lake, disk
from data_layer.store.writer import Writer
from tests.data_layer.store import rows
from tests.data_layer.store.lake_checks import generations, publish, strangers

NOBODY = 65534


@contextmanager
def limited(which: int, value: int) -> Iterator[None]:
    """Lower one soft limit of this process."""
    soft, hard = resource.getrlimit(which)
    resource.setrlimit(which, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(which, (soft, hard))


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be a user whom permissions apply to."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that another user may enter too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def half_a_refresh_on_a_full_disk(writer: Writer) -> None:
    with writer.refresh("universe") as refresh:
        refresh.append("quotes", rows.quotes(0, 7))
        refresh.replace("events", rows.events(2))
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        refresh.replace("markets", rows.markets(2))


def test_a_full_disk_keeps_the_old_and_the_next_refresh_starts_clean(impatient: Lake) -> None:
    publish(impatient, 1)
    with impatient.writer() as writer:
        with limited(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[0]):
            with pytest.raises(StoreError, match="could not be written") as caught:
                half_a_refresh_on_a_full_disk(writer)
            # Not even the taking back could be written; it is said, and done later.
            assert "could not be taken back" in "".join(getattr(caught.value, "__notes__", []))
            assert generations(Lake(impatient.root).snapshot()) == {1}
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", rows.quotes(0, 3))
        assert impatient.snapshot().rows("quotes") == 3
        assert generations(impatient.snapshot()) == {1}
        writer.retain()
    assert strangers(impatient) == set()


def test_a_disk_that_is_full_for_the_snapshot_alone_publishes_nothing(
    impatient: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(impatient, 1)

    def full(temporary: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk, "_take_name", full)
        with pytest.raises(StoreError, match="No space left"):
            publish(impatient, 2)
    assert generations(impatient.snapshot()) == {1}
    publish(impatient, 3)
    with impatient.writer() as writer:
        writer.retain()
    assert strangers(impatient) == set()


def test_a_folder_that_cannot_be_written_can_be_read(open_place: Path) -> None:
    lake = Lake(open_place / "lake")
    publish(lake, 1)
    for path in (lake.root, *lake.root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with unprivileged():
        reader = Lake(lake.root)
        with pytest.raises(StoreError, match="could not be written"), reader.writer():
            pass
        with reader.pin() as snapshot:
            assert generations(snapshot) == {1}
        pinned = reader.pin()
        assert not pinned.leased
        pinned.release()
    for path in (lake.root, *lake.root.rglob("*")):
        path.chmod(0o755)


def test_a_folder_that_cannot_be_made_is_a_store_error(open_place: Path) -> None:
    open_place.chmod(0o555)
    with unprivileged():
        lake = Lake(open_place / "lake")
        with pytest.raises(StoreError, match="lake"), lake.writer():
            pass
        assert lake.snapshot().snapshot_id == 0


def test_without_descriptors_reading_fails_in_words_and_works_again_later(lake: Lake) -> None:
    publish(lake, 1)
    reader = Lake(lake.root)
    snapshot = reader.snapshot()
    taken = []
    with limited(resource.RLIMIT_NOFILE, 64):
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        with pytest.raises(StoreError, match="Too many open files"):
            Lake(lake.root).snapshot()
        with pytest.raises(StoreError, match="Too many open files"):
            snapshot.files("markets")
        with pytest.raises(StoreError, match="Too many open files"):
            reader.pin()
        with pytest.raises(StoreError, match="Too many open files"):
            publish(lake, 2)
        for descriptor in taken:
            os.close(descriptor)
    assert generations(snapshot) == {1}
    assert reader.problems() == []
    publish(lake, 2)
    assert generations(reader.snapshot()) == {2}


def test_everything_is_on_the_disk_before_the_snapshot_that_names_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(lake, 1)
    done: list[tuple[str, str]] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(descriptor: int) -> None:
        done.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def noted_link(source: Path, target: Path) -> None:
        done.append(("link", str(source)))
        link(source, target)
        done.append(("named", str(target)))

    monkeypatch.setattr(disk.os, "fsync", noted_fsync)
    monkeypatch.setattr(disk.os, "link", noted_link)
    snapshot = publish(lake, 2)
    named = done.index(("named", str(lake.snapshot_folder.file(2))))
    synced = {path for what, path in done[:named] if what == "fsync"}
    for table in ("markets", "events"):
        (file,) = snapshot.files(table)
        folder = lake.root / "tables" / table
        assert {file, str(folder), str(folder / "_delta_log"), str(folder / "_delta_log" / f"{1:020}.json")} <= synced
    temporary = next(path for what, path in done if what == "link")
    assert done.index(("fsync", temporary)) < done.index(("link", temporary))
    assert ("fsync", str(lake.root / "snapshots")) in done[named:]
