"""What can be said of this process without asking anybody: its memory, its releases, and its settings but secrets."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

#: Releases that matter when somebody reports a fault, the program's own first.
DISTRIBUTIONS = (
    "kalshi-dashboard",
    "panel",
    "panel-material-ui",
    "bokeh",
    "altair",
    "param",
    "tornado",
    "duckdb",
    "deltalake",
    "pyarrow",
    "pandas",
    "msgspec",
    "requests",
)

#: Where the documentation lies in a checkout; an installed program may have none.
DOCUMENTATION = Path(__file__).resolve().parents[1] / "docs"

#: The changelog as it is installed with the program, and as it lies in a checkout.
CHANGELOGS = (Path(__file__).with_name("CHANGELOG.md"), Path(__file__).resolve().parents[1] / "CHANGELOG.md")


def resident_bytes() -> int | None:
    """Return the resident memory of the process in bytes; None where the system does not say (no Linux)."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return None
    return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def releases() -> list[tuple[str, str]]:
    """Return the program, Python and the libraries with their releases; what is not installed says so."""
    found = [(name, _release(name)) for name in DISTRIBUTIONS]
    return [found[0], ("python", platform.python_version()), *found[1:]]


def _release(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def open_settings(settings: object) -> list[tuple[str, str, bool]]:
    """Return every setting but secrets: name, value as text, whether it differs from its default."""
    return list(_settings(settings)) if is_dataclass(settings) else []


def _settings(settings: Any) -> Iterator[tuple[str, str, bool]]:
    for item in fields(settings):
        value = getattr(settings, item.name)
        if item.metadata.get("secret"):
            continue
        if item.name == "api_key_file":  # where a private key lies is nobody's business
            shown = "set" if value else ""
        elif isinstance(value, tuple):
            shown = ", ".join(map(_without_credentials, map(str, value)))
        else:
            shown = _without_credentials(str(value))
        yield item.name, shown, value != item.default


def _without_credentials(text: str) -> str:
    """Return an address without the name and password it may carry; any other text as it is."""
    parts = urlsplit(text) if "://" in text else None
    if parts is None or "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc="…@" + parts.netloc.rsplit("@", 1)[1]))


def document(name: str) -> str | None:
    """Return a page of the documentation as text; None where it is not installed. `name` is checked by the caller."""
    path = DOCUMENTATION / f"{name}.md"
    return path.read_text("utf-8") if path.is_file() else None


def changelog() -> str | None:
    """Return the changelog as text; None where it is not installed."""
    found = next((path for path in CHANGELOGS if path.is_file()), None)
    return None if found is None else found.read_text("utf-8")
