"""Writing files so that a crash leaves the old or the new, never a half."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

#: Names that begin so are unfinished writes; nobody reads them and the next writer removes them.
UNFINISHED = ".unfinished-"

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def fsync_path(path: Path) -> None:
    """Wait until the file's bytes, or the folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_with_folders(paths: Iterable[Path], root: Path) -> None:
    """Sync each file, then every folder from it up to `root`, each folder once."""
    folders: dict[Path, None] = {}
    for path in paths:
        fsync_path(path)
        for folder in path.parents:
            folders[folder] = None
            if folder == root:
                break
    for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
        fsync_path(folder)


def write_new(path: Path, content: bytes) -> None:
    """Publish a file in one step: unique temporary name, sync, link to the final name, sync the folder.

    Raises:
        FileExistsError: the name is taken; nothing is ever overwritten.
    """
    temporary = path.parent / f"{UNFINISHED}{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _take_name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    fsync_path(path.parent)


def _take_name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links: the writer's lock is what keeps a second writer off the name.
        if path.exists():
            raise FileExistsError(errno.EEXIST, "the name is taken", str(path)) from error
        temporary.rename(path)


def remove_unfinished(folder: Path) -> int:
    """Remove what writers that died left in a folder; returns how many."""
    removed = 0
    for path in folder.glob(f"{UNFINISHED}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed
