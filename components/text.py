"""The one place that escapes: text from outside becomes harmless here, or it does not reach the screen.

Titles, rules and error texts come from the exchange and are treated as an attacker's input. `plain` is for sinks that
never parse HTML (the document's title, cells filled through `textContent`); `escape` and `markup` are for HTML.
"""

from __future__ import annotations

import html
import re
import unicodedata
from string import Formatter

#: Longest text shown of one field, in characters; the rules of a market get more (see `cards`).
LIMIT = 300

_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
_SPACE = re.compile(r"\s+")
#: Text between two marks of emphasis: both close to it and away from other words, so that 5 ** 2 and 2**3 are none.
_EMPHASIS = re.compile(r"(?<![\w*])\*\*(?=[^\s*])((?:[^*]|\*(?!\*))*?[^\s*])\*\*(?![\w*])")


class Markup(str):
    """HTML that is already harmless: made of our own tags and escaped text. Only `markup` and `join` make it."""

    __slots__ = ()


def plain(value: object, limit: int = LIMIT) -> str:
    """Return text without control and direction-changing characters, on one line, cut to `limit` characters.

    The exchange writes ``**bold**`` into titles and rules: the pairs of marks go, what they stand around stays.
    What is stored and exported keeps them. None becomes an empty string.
    """
    if value is None:
        return ""
    text = str(value)[: limit * 4]
    # What is printable has none of these (a test looks at all of Unicode): most text need not be read by letter.
    if not text.isprintable():
        text = text.translate(_BIDI)
        seen = (c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
        text = "".join(" " if c.isspace() else c for c in seen)
    text = _SPACE.sub(" ", text).strip()
    if "**" in text:
        text = _EMPHASIS.sub(r"\1", text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def verbatim(value: str, limit: int) -> str:
    """Return text of several lines with all its spaces, for code: cleaned like `plain`, cut at `limit` characters."""
    lines = value[: limit * 4].translate(_BIDI).splitlines()
    text = "\n".join("".join(c for c in line if unicodedata.category(c) not in _UNSEEN) for line in lines)
    return text if len(text) <= limit else text[: limit - 1] + "…"


#: Control, surrogate, private use and unassigned characters have nothing to say to a reader.
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn"})


def escape(value: object, limit: int = LIMIT) -> Markup:
    """Return `value` as HTML text: cleaned by `plain`, cut, and with ``& < > " '`` escaped."""
    return Markup(html.escape(plain(value, limit), quote=True))


class _Escaping(Formatter):
    """`str.format` whose values are escaped unless they are Markup already."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Escape one value; a format spec, if any, is the limit in characters."""
        if isinstance(value, Markup):
            return value
        return escape(value, int(format_spec) if format_spec else LIMIT)


_FORMATTER = _Escaping()


def markup(template: str, /, **values: object) -> Markup:
    """Fill a template of our own HTML with values, each escaped unless it is Markup.

    ``markup("<b>{title:80}</b>", title=text)`` cuts the title to 80 characters. The template must be a literal.
    """
    return Markup(_FORMATTER.vformat(template, (), values))


def join(parts: list[Markup] | tuple[Markup, ...], separator: str = "") -> Markup:
    """Join pieces of Markup; anything else raises TypeError."""
    for part in parts:
        if not isinstance(part, Markup):
            raise TypeError(f"not Markup: {part!r}")
    return Markup(separator.join(parts))
