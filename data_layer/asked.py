"""What those who stay on a screen asked the last time: it will be asked again of the next snapshot."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary


@dataclass(frozen=True)
class Asking:
    """One call of a question."""

    question: str
    given: Sequence[Any]
    named: Mapping[str, Any]


class Asked:
    """The last questions of each asker; they go with it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here = threading.local()
        self._by: WeakKeyDictionary[object, list[Asking]] = WeakKeyDictionary()

    @contextmanager
    def by(self, asker: object) -> Iterator[None]:
        """Take what this thread asks in the block for what `asker` shows from now on; nothing where it fails."""
        around = getattr(self._here, "calls", None)
        self._here.calls = calls = list[Asking]()
        try:
            yield
        finally:
            self._here.calls = around
        with self._lock:
            self._by.pop(asker, None)  # who asked last stands last
            self._by[asker] = calls

    def left_by(self, asker: object) -> None:
        """Forget what an asker asked."""
        with self._lock:
            self._by.pop(asker, None)

    def note(self, asking: Asking) -> None:
        """Note one call."""
        calls: list[Asking] | None = getattr(self._here, "calls", None)
        if calls is not None:
            calls.append(asking)

    def each(self, most: int) -> list[Asking]:
        """Return the calls of all askers, each once, and at most so many: of those who asked last."""
        with self._lock:
            calls = [call for held in reversed(list(self._by.values())) for call in held]
        found = list[Asking]()
        for call in calls:
            if len(found) == most:
                break
            if call not in found:  # arguments may be lists, which have no hash
                found.append(call)
        return found
