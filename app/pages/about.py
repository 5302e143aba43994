"""What the "i" of a table or chart says, in words and in the session's time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from app import page_keys, url
from app.models.base import PageModel
from app.models.exports import PROCESS, About
from components import filter_bar, formatting, text
from components.filter_bar import Field
from components.provenance import provenance

SOURCES = {
    "live": "Kalshi’s API, live",
    "demo": "Simulated exchange: not Kalshi’s prices",
    PROCESS: "This process’s own books",
}
#: Forms of a file, as the server has them, and how they are called.
FILES = (("csv", "CSV"), ("parquet", "Parquet"))


def export_link(key: str, kind: str, values: Mapping[str, Any]) -> str:
    """Return the address of a table as a file, beside the page's own."""
    link = url.encode(values) or url.link(values["page"])
    return f"export?format={kind}&table={key}&{link.removeprefix('?')}"


def downloads(key: str, what: str, place: str = filter_bar.VIEW) -> Field:
    """Return the field of a filter bar with a list's files and its "i"; its value is a `query` of the page."""
    files = [(f"export?format={kind}&table={key}&", label, f"{what}, as {label}") for kind, label in FILES]
    return filter_bar.downloads("export", "Export", files, info_key=key, place=place)


def query(values: Mapping[str, Any], looks: Iterable[str]) -> str:
    """Return the query of a page's link without `looks`: what a file of it does not depend on."""
    own = {key.name: values[key.name] for key in page_keys.PAGE_KEYS[values["page"]] if key.name not in looks}
    return url.link(values["page"], **own).removeprefix("?")


def words(
    said: About,
    now: datetime,
    moment: Callable[[datetime | None], str],
    values: Mapping[str, Any] | None,
    link: Callable[..., str],
) -> dict[str, Any]:
    """Return what the dialog shows of where a table comes from; `link` is the page's own way to make links.

    Without `values` there are no files: no link could say what they hold.
    """
    shown = f"{said.shown:,} shown of {said.total:,}" if said.shown < said.total else f"{said.total:,}, all shown"
    facts: list[tuple[str, object, object]] = [
        ("Source", SOURCES.get(said.source, said.source), ""),
        ("As of", formatting.age(said.as_of, now), moment(said.as_of) if said.as_of else ""),
        ("Rows", shown, ""),
    ]
    if said.snapshot_id:
        facts.append(("Snapshot", f"{said.snapshot_id:,}", "one commit of all tables"))
    if said.query:
        facts.append(("Question", said.query, ""))
    return provenance(
        said.key,
        said.title,
        facts,
        said.notes,
        sql=said.sql,
        code=said.code,
        method=link("method", topic=said.method) if said.method else "",
        files=[] if values is None else [(label, export_link(said.key, kind, values)) for kind, label in FILES],
    )


def menu(
    model: PageModel, key: str, subject: str, moment: Callable[[datetime | None], str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a chart's menu needs (see `components.chart_menu`); `subject` is what a picture of it shows."""
    said = model.provenance(key)
    credit = [subject]
    if said is not None:
        credit += [SOURCES.get(said.source, said.source), f"as of {moment(said.as_of)}" if said.as_of else "no age"]
    return {
        "info_key": key if key in model.exports else "",
        "files": [[label, export_link(key, kind, values)] for kind, label in FILES if key in model.exports],
        "address": url.encode(values) or url.link(values["page"]),
        "credit": " · ".join(text.plain(part, 160) for part in credit if part),
    }


def nothing_yet(key: str) -> dict[str, Any]:
    """Return what the dialog shows while there is nothing on the screen that could come from anywhere."""
    return provenance(key, "Nothing is shown yet", [], ["Where it comes from stands here as soon as it is there."])
