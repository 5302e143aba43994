"""What can be done with what is shown, as a link: a sign and its words, the same wherever it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.text import Markup, markup, plain

#: Outlines of the signs by the name of what is done, on a grid of 24 by 24.
OUTLINES = {
    "alert": "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 2H5zM10 21h4",
    "compare": "M4 4v16h16M7 15l4-5 4 3 5-8M7 18.5l4-2 4 .5 5-4",
}
#: Longest link that is made of it, in characters.
MOST_LINK = 2048


def doing(name: str, words: object, href: str, title: object = "") -> Markup:
    """Return the link as Markup; `name` is one of `OUTLINES`, `title` says more. Without a link there is nothing."""
    if not href.startswith("?") or len(href) > MOST_LINK:
        return Markup()
    return markup(
        '<a class="ka-do" href="{href:2048}" title="{title}"><svg viewBox="0 0 24 24" width="15" height="15"'
        ' aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"'
        ' stroke-linejoin="round"><path d="{d}"/></svg>{words:40}</a>',
        href=href,
        title=title,
        d=OUTLINES[name],
        words=words,
    )


def said(name: str, words: object, href: str, title: object = "") -> list[Any]:
    """Return the same for a script (`SCRIPT`): outline, words, link, and what it says more."""
    usable = href.startswith("?") and len(href) <= MOST_LINK
    return [OUTLINES[name], plain(words, 40), href if usable else "", plain(title)]


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
