"""A short dense table as HTML, for figures that are read and not sorted or paged: values in, Markup out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components import section_head
from components.text import Markup, join, markup

#: Most rows of one table; a longer list belongs into a table with pages.
MAX_ROWS = 200

NOTHING = Markup()


@dataclass(frozen=True)
class Head:
    """One column: its label with the unit, its definition on hover, and whether it holds numbers or long text.

    `kind` is ``text``, ``number``, ``mono`` or ``long`` (takes the room that is left, cut with the whole on hover).
    """

    label: str
    title: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Shown:
    """One cell: its text, the whole of it on hover, and a tone (muted, amber, red, good)."""

    text: str
    title: str = ""
    tone: str = ""


def listing(columns: Sequence[Head], rows: Sequence[Sequence[Shown | str]], *, label: str) -> Markup:
    """Return a table, `label` naming it for screen readers; at most `MAX_ROWS` rows, ValueError beyond.

    It scrolls sideways inside itself where the screen is too narrow.
    """
    if len(rows) > MAX_ROWS:
        raise ValueError(f"{len(rows)} rows are too many for a listing")
    heads = [
        markup(
            '<th scope="col" class="{kind}" title="{title}">{label}</th>', kind=c.kind, title=c.title, label=c.label
        )
        for c in columns
    ]
    lines = [
        markup("<tr>{cells}</tr>", cells=join([_cell(c, kind) for c, kind in zip(row, columns, strict=True)]))
        for row in rows
    ]
    return markup(
        '<div class="listing" tabindex="0" role="region" aria-label="{label}"><table aria-label="{label}">'
        "<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>",
        label=label,
        heads=join(heads),
        lines=join(lines),
    )


def _cell(cell: Shown | str, column: Head) -> Markup:
    shown = cell if isinstance(cell, Shown) else Shown(cell)
    title = shown.title or (shown.text if column.kind == "long" else "")
    return markup(
        '<td class="{kind}" data-tone="{tone}" title="{title:500}"><bdi>{text}</bdi></td>',
        kind=column.kind,
        tone=shown.tone,
        title=title,
        text=shown.text,
    )


def section(title: str, note: object, body: Markup, *, link: Markup = NOTHING, info_key: str = "") -> Markup:
    """Return a part of a page: its head (see `section_head`), a link at its right, and what stands under it."""
    return markup(
        '<section class="part" aria-label="{title}">{head}{body}</section>',
        title=title,
        head=section_head.section_head(title, note, info_key=info_key, tools=link),
        body=body,
    )


def quiet(text: str) -> Markup:
    """Return a line that stands where a table would, when there is nothing to list and that is well."""
    return markup('<p class="quiet">{text}</p>', text=text)


CSS = section_head.CSS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
