"""One writer, and readers that nobody pulls the files away from."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from data_layer.errors import NoDataError, WriterLockedError
from data_layer.store import Lake
from tests.data_layer.store.conftest import Child, Spawn
from tests.data_layer.store.lake_checks import generations, publish, strangers


def line(child: Child) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def tell(child: Child) -> str:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()
    return line(child)


def test_a_second_writer_is_refused_and_takes_over_when_the_first_is_dead_not_when_it_is_stopped(
    lake: Lake, spawn: Spawn
) -> None:
    publish(lake, 1)
    child = spawn("hold_writer", lake.root)
    assert line(child) == "writer"
    with pytest.raises(WriterLockedError, match=f"process {child.pid} "), lake.writer():
        pass
    assert generations(lake.snapshot()) == {1}
    child.send_signal(signal.SIGSTOP)
    with pytest.raises(WriterLockedError), lake.writer():
        pass
    child.kill()
    child.wait(timeout=30)
    publish(lake, 2)
    assert generations(lake.snapshot()) == {2}


def test_a_second_writer_in_the_same_process_is_refused(lake: Lake) -> None:
    with lake.writer(), pytest.raises(WriterLockedError), Lake(lake.root).writer():
        pass
    publish(lake, 1)


def test_two_processes_that_refresh_at_once_take_turns(lake: Lake, spawn: Spawn) -> None:
    times = 6
    children = [spawn("refresh_when_told", lake.root, generation, times) for generation in (1, 2)]
    assert [line(child) for child in children] == ["ready", "ready"]
    said: dict[int, str] = {}
    threads = [threading.Thread(target=lambda c=child: said.update({c.pid: tell(c)})) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert list(said.values()) == ["done", "done"]
    infos = lake.snapshots()
    assert [info.snapshot_id for info in infos] == list(range(1, 2 * times + 1))
    for info in infos:
        with lake.pin(info.snapshot_id) as snapshot:
            assert len(generations(snapshot)) == 1


def test_what_another_process_reads_stays_until_it_is_done(impatient: Lake, spawn: Spawn) -> None:
    publish(impatient, 1)
    child = spawn("hold_lease", impatient.root)
    assert line(child) == "pinned 1"
    for generation in (2, 3):
        publish(impatient, generation)
    with impatient.writer() as writer:
        writer.retain()
        assert [info.snapshot_id for info in impatient.snapshots()] == [1, 3]
        assert tell(child) == "read 1 1"
        child.wait(timeout=30)
        assert writer.retain().files == 2
    assert [info.snapshot_id for info in impatient.snapshots()] == [3]
    assert strangers(impatient) == set()


def test_the_lease_of_a_dead_process_is_void(impatient: Lake, spawn: Spawn) -> None:
    publish(impatient, 1)
    child = spawn("hold_lease", impatient.root)
    assert line(child) == "pinned 1"
    publish(impatient, 2)
    child.kill()
    child.wait(timeout=30)
    with impatient.writer() as writer:
        writer.retain()
    assert [info.snapshot_id for info in impatient.snapshots()] == [2]
    assert list((impatient.root / "leases").iterdir()) == []


def test_readers_of_one_process_share_a_lease_and_the_last_one_gives_it_back(impatient: Lake) -> None:
    publish(impatient, 1)
    reader = Lake(impatient.root)
    first, second = reader.pin(), reader.pin()
    assert first.leased
    assert len(list((impatient.root / "leases").iterdir())) == 1
    publish(impatient, 2)
    first.release()
    first.release()
    with impatient.writer() as writer:
        writer.retain()
        assert generations(second.snapshot) == {1}
        second.release()
        writer.retain()
    assert [info.snapshot_id for info in impatient.snapshots()] == [2]


def test_a_pin_that_comes_between_the_look_and_the_removal_counts(
    impatient: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(impatient, 1)
    publish(impatient, 2)
    reader = Lake(impatient.root)
    late = Lake(impatient.root)
    assert [late.pin(snapshot_id).release() for snapshot_id in (1, 2)] == [None, None]
    hide = impatient.snapshot_folder.hide
    pins = []

    def pinned_first(snapshot_id: int) -> None:
        if snapshot_id == 1:
            pins.append(reader.pin(1))
        hide(snapshot_id)
        with pytest.raises(NoDataError):
            late.pin(snapshot_id)
        with late.pin() as newest:
            assert newest.snapshot_id == 2

    monkeypatch.setattr(impatient.snapshot_folder, "hide", pinned_first)
    with impatient.writer() as writer:
        writer.retain()
    assert generations(pins[0].snapshot) == {1}
    assert [info.snapshot_id for info in impatient.snapshots()] == [1, 2]


def test_an_empty_lake_can_be_pinned(tmp_path: Path) -> None:
    with Lake(tmp_path / "lake").pin() as snapshot:
        assert snapshot.snapshot_id == 0
    assert not (tmp_path / "lake").exists()


def test_a_snapshot_that_never_was_cannot_be_pinned(lake: Lake) -> None:
    publish(lake, 1)
    with pytest.raises(NoDataError):
        lake.pin(99)
