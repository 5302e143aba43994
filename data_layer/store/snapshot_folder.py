"""The folder of snapshot files: numbered, written once, never changed."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data_layer.errors import NoDataError, StoreError
from data_layer.store.disk import write_new
from data_layer.store.records import (
    EMPTY,
    OlderLakeError,
    SnapshotDamagedError,
    SnapshotRecord,
    decode,
    decode_header,
    encode,
)

_NAME = re.compile(r"^(\d{12})\.json$")
_EXPIRED = ".expired"
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """One line of the list of snapshots."""

    snapshot_id: int
    written_time: datetime
    refresh_id: str
    kind: str
    source: str


class SnapshotFolder:
    """Read and write `<root>/snapshots`. Safe to use from several threads and processes."""

    def __init__(self, root: Path) -> None:
        self.path = root / "snapshots"
        self._lock = threading.Lock()
        self._records: dict[int, SnapshotRecord] = {}
        self._infos: dict[int, SnapshotInfo] = {}
        self._damaged: dict[tuple[int, int, int], str] = {}

    def ids(self) -> list[int]:
        """Return the numbers of all snapshot files, newest first, readable or not."""
        return sorted((int(match[1]) for name in self._names() if (match := _NAME.match(name))), reverse=True)

    def latest(self) -> SnapshotRecord:
        """Return the newest snapshot that can be believed; an empty one with id 0 when there is none.

        Raises:
            NewerLakeError: the newest one was written by a newer version of this program.
            StoreError: the files could not be read at all (permissions, too many open files).
        """
        for snapshot_id in self.ids():
            try:
                return self.get(snapshot_id)
            except (SnapshotDamagedError, NoDataError):
                continue
            except OlderLakeError:
                break
        return EMPTY

    def get(self, snapshot_id: int) -> SnapshotRecord:
        """Return one snapshot.

        Raises:
            NoDataError: it is no longer kept, or never was.
            SnapshotDamagedError, OlderLakeError, NewerLakeError, StoreError: as in `latest`.
        """
        with self._lock:
            known = self._records.get(snapshot_id)
        if known is not None:
            return known
        data, stamp = self._read(snapshot_id)
        with self._lock:
            reason = self._damaged.get(stamp)
        if reason is not None:
            raise SnapshotDamagedError(reason)
        try:
            record = decode(data, snapshot_id)
        except SnapshotDamagedError as error:
            with self._lock:
                self._damaged[stamp] = f"Snapshot {snapshot_id} is damaged and was passed over: {error}"
            raise
        with self._lock:
            self._records[snapshot_id] = record
            while len(self._records) > _REMEMBERED:
                self._records.pop(next(iter(self._records)))
        return record

    def infos(self) -> list[SnapshotInfo]:
        """Return all readable snapshots, oldest first; not number 0, which only says that nothing is stored yet."""
        infos = []
        for snapshot_id in sorted(set(self.ids()) - {0}):
            info = self._infos.get(snapshot_id) or self._info(snapshot_id)
            if info is not None:
                self._infos[snapshot_id] = info
                infos.append(info)
        return infos

    def _info(self, snapshot_id: int) -> SnapshotInfo | None:
        try:
            head = decode_header(self._read(snapshot_id)[0])
        except (SnapshotDamagedError, OlderLakeError, NoDataError):
            return None
        return SnapshotInfo(snapshot_id, head.written_time, head.refresh_id, head.kind, head.source)

    def problems(self) -> list[str]:
        """Return what was passed over, for a person."""
        with self._lock:
            return list(self._damaged.values())

    def exists(self, snapshot_id: int) -> bool:
        """Tell whether the snapshot is still kept."""
        return self.file(snapshot_id).exists()

    def file(self, snapshot_id: int) -> Path:
        """Return the path of a snapshot file."""
        return self.path / f"{snapshot_id:012}.json"

    def publish(self, record: SnapshotRecord) -> None:
        """Write a new snapshot: the one moment in which a refresh becomes visible."""
        try:
            write_new(self.file(record.snapshot_id), encode(record))
        except FileExistsError as error:
            raise StoreError(f"Snapshot {record.snapshot_id} exists already: there is a second writer") from error

    def next_id(self) -> int:
        """Return a number that no snapshot file, damaged ones and expired ones included, has."""
        return max((int(name[:12]) for name in self._names() if name[:12].isdecimal()), default=0) + 1

    def hide(self, snapshot_id: int) -> None:
        """Take a snapshot out of the list, so that no new reader can pin it. `unhide` or `forget` must follow."""
        self.file(snapshot_id).rename(self._hidden(snapshot_id))

    def unhide(self, snapshot_id: int) -> None:
        """Put a hidden snapshot back: somebody had pinned it in the meantime."""
        self._hidden(snapshot_id).rename(self.file(snapshot_id))

    def forget(self, snapshot_id: int) -> None:
        """Remove a hidden snapshot for good."""
        self._hidden(snapshot_id).unlink(missing_ok=True)
        self._infos.pop(snapshot_id, None)
        with self._lock:
            self._records.pop(snapshot_id, None)

    def unhide_all(self) -> None:
        """Put back what a writer that died in the middle of `Writer.retain` had hidden."""
        for path in self.path.glob(f"*{_EXPIRED}"):
            path.rename(path.with_suffix(""))

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.path)  # noqa: PTH208 -- asked every second; names are enough
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"The stored data cannot be listed: {error}") from error

    def _hidden(self, snapshot_id: int) -> Path:
        return self.path / f"{snapshot_id:012}.json{_EXPIRED}"

    def _read(self, snapshot_id: int) -> tuple[bytes, tuple[int, int, int]]:
        try:
            descriptor = os.open(self.file(snapshot_id), os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as stream:
                state = os.fstat(stream.fileno())
                return stream.read(), (snapshot_id, state.st_mtime_ns, state.st_size)
        except FileNotFoundError as error:
            raise NoDataError(f"Snapshot {snapshot_id} is no longer kept") from error
        except OSError as error:
            raise StoreError(f"Snapshot {snapshot_id} cannot be read: {error}") from error
