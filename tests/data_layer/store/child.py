"""What another process does to a lake; run as ``python -m tests.data_layer.store.child <what> <root> …``.

It says a line when a thing is done, so that the parent never has to guess or to sleep.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_layer.store import Lake, LakeSettings, disk, publication, recovery, snapshot_folder, tables
from tests.data_layer.store import rows

#: Nothing is young and one snapshot is enough: retention then removes all it may.
IMPATIENT = LakeSettings(keep_snapshots=1, keep_snapshot_hours=0.0)


def say(*words: object) -> None:
    print(*words, flush=True)


def refresh_once(lake: Lake, generation: int) -> None:
    with lake.writer(timeout_seconds=30) as writer:
        with writer.refresh("universe") as refresh:
            refresh.replace("markets", rows.markets(generation))
            refresh.replace("events", rows.events(generation))
        writer.retain()


def refresh_for_ever(root: Path, first: int) -> None:
    """Publish generation after generation in two tables, and say each."""
    lake = Lake(root, IMPATIENT)
    with lake.writer() as writer:
        say("ready")
        generation = first
        while True:
            with writer.refresh("universe") as refresh:
                refresh.replace("markets", rows.markets(generation))
                refresh.replace("events", rows.events(generation))
            say(generation)
            if generation % 3 == 0:
                writer.retain()
            generation += 1


def die_at(place: Any, name: str, call: int, before: bool = True) -> None:
    """Let this process be killed at the n-th call of a function, before or after it did its work."""
    original: Callable[..., Any] = getattr(place, name)
    calls = 0

    def deadly(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **named)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(place, name, deadly)


STEPS: dict[str, Callable[[], None]] = {
    "before the first table": lambda: die_at(tables.DeltaFolder, "write", 1),
    "between two tables": lambda: die_at(tables.DeltaFolder, "write", 2),
    "after both tables": lambda: die_at(tables.DeltaFolder, "write", 2, before=False),
    "before the files are on the disk": lambda: die_at(publication, "fsync_with_folders", 1),
    "before the snapshot is written": lambda: die_at(snapshot_folder, "write_new", 1),
    "before the snapshot has its name": lambda: die_at(disk, "_take_name", 1),
    "after the snapshot has its name": lambda: die_at(disk, "_take_name", 1, before=False),
    "while a snapshot is hidden": lambda: die_at(snapshot_folder.SnapshotFolder, "hide", 1, before=False),
    "in the middle of recovery": lambda: die_at(recovery, "roll_back", 2),
}


def die_in_refresh(root: Path, step: str, generation: int) -> None:
    """Be killed at a named step of a refresh."""
    STEPS[step]()
    refresh_once(Lake(root, IMPATIENT), generation)
    say("survived")


def hold_lease(root: Path) -> None:
    """Pin the newest snapshot until a line comes in, then read it."""
    with Lake(root).pin() as snapshot:
        say("pinned", snapshot.snapshot_id)
        sys.stdin.readline()
        say("read", len(snapshot.files("markets")), len(snapshot.files("events")))


def hold_writer(root: Path) -> None:
    """Be the writer until a line comes in."""
    with Lake(root).writer():
        say("writer")
        sys.stdin.readline()


def refresh_when_told(root: Path, generation: int, times: int) -> None:
    """Refresh some times, waiting for the lock each time."""
    say("ready")
    sys.stdin.readline()
    lake = Lake(root)
    for _ in range(times):
        refresh_once(lake, generation)
    say("done")


if __name__ == "__main__":
    what, root = sys.argv[1], Path(sys.argv[2])
    rest = sys.argv[3:]
    if what == "refresh_for_ever":
        refresh_for_ever(root, int(rest[0]))
    elif what == "die_in_refresh":
        die_in_refresh(root, rest[0], int(rest[1]))
    elif what == "hold_lease":
        hold_lease(root)
    elif what == "hold_writer":
        hold_writer(root)
    elif what == "refresh_when_told":
        refresh_when_told(root, int(rest[0]), int(rest[1]))
