"""Leases: how a reader tells every writer, in any process, which snapshot it is still reading.

A lease is a locked file. The lock dies with its process, so a lease can never outlive its reader, whatever killed it.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from data_layer.errors import NoDataError, StoreError
from data_layer.store.snapshot_folder import SnapshotFolder

_NAME = re.compile(r"^(\d{12})-\d+-[0-9a-f]+\.lease$")
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}


class LeaseBook:
    """The leases of this process (one per snapshot, however many readers), and the check of everybody's."""

    def __init__(self, root: Path, snapshots: SnapshotFolder) -> None:
        self.path = root / "leases"
        self._snapshots = snapshots
        self._lock = threading.Lock()
        self._held: dict[int, tuple[FileLock | None, int]] = {}

    def take(self, snapshot_id: int) -> bool:
        """Hold a snapshot; returns False where the lake is read-only and only its age protects it.

        Raises:
            NoDataError: the snapshot was retired before the lease stood.
        """
        with self._lock:
            lock, count = self._held.get(snapshot_id, (None, 0))
            if count == 0:
                lock = self._lock_file(snapshot_id)
                # Only now is the answer binding: whoever retires a snapshot hides it first and looks for leases then.
                if not self._snapshots.exists(snapshot_id):
                    self._unlock(lock)
                    raise NoDataError(f"Snapshot {snapshot_id} is no longer kept")
            self._held[snapshot_id] = (lock, count + 1)
            return lock is not None

    def give_back(self, snapshot_id: int) -> None:
        """Release one reader's hold."""
        with self._lock:
            lock, count = self._held[snapshot_id]
            if count > 1:
                self._held[snapshot_id] = (lock, count - 1)
                return
            del self._held[snapshot_id]
            self._unlock(lock)

    def live(self) -> set[int]:
        """Return the snapshots that somebody alive holds; leases of the dead are removed."""
        held = set()
        for path in self.path.glob("*.lease"):
            match = _NAME.match(path.name)
            if match is None:
                continue
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                held.add(int(match[1]))
            else:
                path.unlink(missing_ok=True)
                lock.release()
        return held

    def _lock_file(self, snapshot_id: int) -> FileLock | None:
        path = self.path / f"{snapshot_id:012}-{os.getpid()}-{secrets.token_hex(4)}.lease"
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=10)
        except OSError as error:
            if error.errno in _READ_ONLY:
                return None
            raise StoreError(f"The snapshot cannot be held for reading: {error}") from error
        return lock

    @staticmethod
    def _unlock(lock: FileLock | None) -> None:
        if lock is not None:
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()
