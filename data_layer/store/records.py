"""What a snapshot file says: which files make up every table, and what they hash to."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec

from data_layer.errors import NewerLakeError
from data_layer.schemas import LAKE_SCHEMA_VERSION


class SnapshotDamagedError(Exception):
    """A snapshot file is not what was written; the next older one counts. Never leaves the store."""


class OlderLakeError(Exception):
    """A snapshot was written by an older version of this program. Never leaves the store."""


class StoredFile(msgspec.Struct, frozen=True):
    """One Parquet file: its path relative to the root of the lake, and what its bytes must be."""

    path: str
    size: int
    rows: int
    row_groups: int
    sha256: str

    @property
    def partition(self) -> dict[str, str]:
        """Partition values, as the folders of the path spell them."""
        parts = PurePosixPath(self.path).parts[2:-1]
        return dict(part.split("=", 1) for part in parts)


class StoredTable(msgspec.Struct, frozen=True):
    """One table in a snapshot: the Delta version that was committed, and its files."""

    version: int
    rows: int
    files: tuple[StoredFile, ...]

    def partitions(self) -> list[tuple[dict[str, str], int]]:
        """Return every partition and the number of its files; one without values for a table in one folder."""
        counts = Counter(tuple(file.partition.items()) for file in self.files)
        return [(dict(values), count) for values, count in counts.items()]


class SnapshotHeader(msgspec.Struct, frozen=True):
    """The part of a snapshot that is enough to list it."""

    schema_version: int
    snapshot_id: int
    written_time: datetime
    refresh_id: str
    kind: str
    source: str


class SnapshotRecord(SnapshotHeader, frozen=True):
    """The whole content of a snapshot file."""

    tables: dict[str, StoredTable]


class _Envelope(msgspec.Struct):
    sha256: str
    content: msgspec.Raw


class _Version(msgspec.Struct):
    schema_version: int


EMPTY = SnapshotRecord(LAKE_SCHEMA_VERSION, 0, datetime.fromtimestamp(0, UTC), "", "", "", {})


def encode(record: SnapshotRecord) -> bytes:
    """Return the bytes of a snapshot file: the content, and the sha256 of the content as it is spelled there."""
    content = msgspec.json.encode(record, order="deterministic")
    envelope = _Envelope(hashlib.sha256(content).hexdigest(), msgspec.Raw(content))
    return msgspec.json.encode(envelope)


def decode(data: bytes, snapshot_id: int) -> SnapshotRecord:
    """Return the record of a snapshot file, or say why it must not be believed.

    Raises:
        SnapshotDamagedError: not JSON, wrong checksum, wrong number, or paths that leave the tables' folders.
        OlderLakeError: an older version of this program wrote it.
        NewerLakeError: a newer version of this program wrote it.
    """
    content = _checked_content(data)
    try:
        record = msgspec.json.decode(content, type=SnapshotRecord)
    except msgspec.MsgspecError as error:
        raise SnapshotDamagedError(f"snapshot {snapshot_id}: {error}") from error
    if record.snapshot_id != snapshot_id:
        raise SnapshotDamagedError(f"snapshot {snapshot_id} says that it is {record.snapshot_id}")
    for name, table in record.tables.items():
        for file in table.files:
            _check_path(name, file.path)
    return record


def decode_header(data: bytes) -> SnapshotHeader:
    """Return the head of a snapshot file; raises as `decode` does."""
    try:
        return msgspec.json.decode(_checked_content(data), type=SnapshotHeader)
    except msgspec.MsgspecError as error:
        raise SnapshotDamagedError(str(error)) from error


def _checked_content(data: bytes) -> msgspec.Raw:
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        version = msgspec.json.decode(envelope.content, type=_Version).schema_version
    except msgspec.MsgspecError as error:
        raise SnapshotDamagedError(f"not a snapshot: {error}") from error
    if hashlib.sha256(bytes(envelope.content)).hexdigest() != envelope.sha256:
        raise SnapshotDamagedError("its checksum is wrong")
    if version > LAKE_SCHEMA_VERSION:
        raise NewerLakeError(
            f"The stored data was written by a newer version of this program (layout {version}; this one knows "
            f"{LAKE_SCHEMA_VERSION}). Update the program, or point it at another data folder."
        )
    if version < LAKE_SCHEMA_VERSION:
        raise OlderLakeError(f"layout {version}")
    return envelope.content


def _check_path(table: str, path: str) -> None:
    parts = PurePosixPath(path).parts
    if parts[:2] != ("tables", table) or len(parts) < 3 or ".." in parts or "\0" in path:
        raise SnapshotDamagedError(f"it names {path[:200]!r}, which is not a file of the table {table!r}")
