"""Bytes on disk are those that were written, or they are not served."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from data_layer.errors import CorruptFileError, StoreError
from data_layer.store.disk import write_new
from data_layer.store.records import StoredFile

_UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


class Damage(msgspec.Struct, frozen=True):
    """One damaged file: what must be fetched again. `path` is relative to the root of the lake."""

    table: str
    path: str
    partition: dict[str, str]
    rows: int
    reason: str
    seen_time: datetime


class FileGuard:
    """Check files the first time this process opens them; keep the damaged ones aside."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.quarantine = root / "quarantine"
        self._lock = threading.Lock()
        self._sound: dict[str, str] = {}
        self._damaged: dict[str, Damage] = {}

    def check(self, table: str, file: StoredFile) -> str:
        """Return the absolute path of a sound file.

        Raises:
            CorruptFileError: missing, not a plain file inside the lake, or other bytes than were written.
            StoreError: it could not be read now (permissions, too many open files); nothing is concluded from that.
        """
        full = str(self._root / file.path)
        with self._lock:
            if self._sound.get(file.path) == file.sha256:
                return full
            damage = self._damaged.get(file.path)
        if damage is None:
            reason = self.fault(file)
            if reason is None:
                self.trust(file)
                return full
            damage = self.set_aside(table, file, reason)
        where = ", ".join(f"{name} {value}" for name, value in damage.partition.items())
        raise CorruptFileError(
            f"A stored file of {table}{f' ({where})' if where else ''} is damaged: {damage.reason}. "
            "It is not used; its rows have to be fetched again.",
            table=table,
            path=file.path,
            partition=damage.partition,
        )

    def trust(self, file: StoredFile) -> None:
        """Remember a file as sound: it has just been hashed."""
        with self._lock:
            self._sound[file.path] = file.sha256

    def forget(self, path: str) -> None:
        """Drop what is remembered of a file that is no longer in use."""
        with self._lock:
            self._sound.pop(path, None)
            self._damaged.pop(path, None)
        self._note(path).unlink(missing_ok=True)

    def damaged(self) -> list[Damage]:
        """Return every damaged file that this or another process has seen."""
        found = {}
        for note in self.quarantine.glob("*.json"):
            try:
                damage = msgspec.json.decode(note.read_bytes(), type=Damage)
            except (OSError, msgspec.MsgspecError):
                continue  # a note is a hint; the file itself is checked again before anything is done
            found[damage.path] = damage
        with self._lock:
            found.update(self._damaged)
        return sorted(found.values(), key=lambda damage: damage.path)

    def fault(self, file: StoredFile) -> str | None:
        """Return what is wrong with the bytes on disk now, or None."""
        full = self._root / file.path
        try:
            if os.path.realpath(full) != str(full):
                return "it is a link that leads elsewhere"
            descriptor = os.open(full, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return "it is missing"
        except OSError as error:
            if error.errno == errno.ELOOP:
                return "it is a link that leads elsewhere"
            raise StoreError(f"A stored file cannot be opened: {error}") from error
        with os.fdopen(descriptor, "rb") as stream:
            state = os.fstat(stream.fileno())
            if not stat.S_ISREG(state.st_mode):
                return "it is not a plain file"
            if state.st_size != file.size:
                return f"it has {state.st_size} bytes instead of {file.size}"
            try:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                raise StoreError(f"A stored file cannot be read: {error}") from error
        return None if digest == file.sha256 else "its bytes are not those that were written"

    def set_aside(self, table: str, file: StoredFile, reason: str) -> Damage:
        """Keep the damaged bytes and a note, so that a person and the writer's process can see them."""
        damage = Damage(table, file.path, file.partition, file.rows, reason, datetime.now(UTC))
        with self._lock:
            self._sound.pop(file.path, None)
            self._damaged[file.path] = damage
        note = self._note(damage.path)
        try:
            self.quarantine.mkdir(exist_ok=True)
            source, kept = self._root / damage.path, note.with_suffix(".parquet")
            if source.is_file() and not source.is_symlink() and not kept.exists():
                _link_or_copy(source, kept)
            write_new(note, msgspec.json.encode(damage))
        except FileExistsError:
            return damage  # another process was first
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise StoreError(f"A damaged file could not be set aside: {error}") from error
        return damage

    def _note(self, path: str) -> Path:
        return self.quarantine / f"{hashlib.sha256(path.encode()).hexdigest()[:32]}.json"


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
