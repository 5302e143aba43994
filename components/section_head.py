"""The head of every table and chart: title, a quiet note, tools at the right, and an "i" that tells where it is from.

The "i" is a plain button with a key; `components.provenance` hears it wherever on the page it stands.
"""

from __future__ import annotations

from pathlib import Path

from components.text import Markup, markup

NOTHING = Markup()


def info(key: str, title: object) -> Markup:
    """Return the button that opens where a table or chart comes from; nothing without a key."""
    if not key:
        return NOTHING
    return markup(
        '<button type="button" class="ka-info" data-about="{key:60}" aria-haspopup="dialog"'
        ' aria-label="About {title:80}: source, age, SQL, files" title="Source, age, SQL, files">i</button>',
        key=key,
        title=title,
    )


def section_head(
    title: object,
    note: object = "",
    *,
    info_key: str = "",
    tools: Markup = NOTHING,
    hover: object = "",
    level: int = 2,
) -> Markup:
    """Return a head: `note` may be Markup, `hover` says more over the title, `level` is that of the heading."""
    return markup(
        '<header class="ka-head"><h{level} title="{hover:600}">{title}</h{level}>'
        '<span class="ka-note">{note}</span>{info}{tools}</header>',
        level=level,
        hover=hover,
        title=title,
        info=info(info_key, title),
        note=note,
        tools=markup('<span class="ka-tools">{tools}</span>', tools=tools) if tools else NOTHING,
    )


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
