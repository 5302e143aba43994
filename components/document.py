"""A page of our documentation as HTML: the few forms of Markdown it is written in, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from components.text import Markup, join, markup

#: Longest text that is shown, in characters.
LIMIT = 200_000

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|!?\[([^\]]*)\]\([^)]*\)")
_LONG = 4000


def document(text: str) -> Markup:
    """Return headings, paragraphs, lists, tables and code; links are shown as their text, pictures not at all."""
    blocks: list[Markup] = []
    fenced: list[str] | None = None
    open_lines: list[str] = []
    for line in text[:LIMIT].splitlines():
        if line.startswith("```"):
            if fenced is None:
                blocks += _blocks(open_lines)
                open_lines, fenced = [], []
            else:
                blocks.append(_code(fenced))
                fenced = None
        elif fenced is not None:
            fenced.append(line)
        else:
            open_lines.append(line)
    blocks += _blocks(open_lines)
    if fenced:
        blocks.append(_code(fenced))
    return markup('<article class="document">{blocks}</article>', blocks=join(blocks))


def _kind(line: str) -> str:
    if not line.strip():
        return "gap"
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "table"
    return "item" if re.match(r"\s*(-|\d+\.) ", line) or line.startswith("  ") else "text"


def _blocks(lines: list[str]) -> Iterator[Markup]:
    for kind, group in groupby(lines, _kind):
        part = list(group)
        if kind == "heading":
            yield from (_heading(line) for line in part)
        elif kind == "table":
            yield _table(part)
        elif kind == "item":
            yield _list(part)
        elif kind == "text":
            yield markup("<p>{text}</p>", text=_inline(" ".join(part)))


def _heading(line: str) -> Markup:
    level = min(4, len(line) - len(line.lstrip("#")) + 1)
    return markup(f"<h{level}>{{text}}</h{level}>", text=_inline(line.lstrip("# ")))


def _list(lines: list[str]) -> Markup:
    items: list[str] = []
    for line in lines:
        said = re.sub(r"^\s*(-|\d+\.) ", "", line)
        if said != line or not items:
            items.append(said.strip())
        else:
            items[-1] += " " + line.strip()
    return markup("<ul>{items}</ul>", items=join([markup("<li>{text}</li>", text=_inline(item)) for item in items]))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    rows = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    head, *body = rows
    first = join([markup("<th>{text}</th>", text=_inline(cell)) for cell in head])
    rest = [
        markup("<tr>{cells}</tr>", cells=join([markup("<td>{text}</td>", text=_inline(cell)) for cell in row]))
        for row in body
    ]
    return markup(
        '<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rest}</tbody></table></div>',
        head=first,
        rest=join(rest),
    )


def _code(lines: list[str]) -> Markup:
    said = [markup("{line:1000}", line=line.replace(" ", "\u00a0")) for line in lines]
    return markup("<pre>{lines}</pre>", lines=join(said, "<br>"))


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(_words(text[at : found.start()]))
        code, strong, link = found.groups()
        if code is not None:
            parts.append(markup("<code>{code:500}</code>", code=code.replace("\\|", "|")))
        elif strong is not None:
            parts.append(markup("<b>{strong:500}</b>", strong=strong))
        elif not found.group().startswith("!"):
            parts.append(markup("{link:300}", link=link.strip("`")))
        at = found.end()
    return join([*parts, _words(text[at:])])


def _words(text: str) -> Markup:
    # `plain` takes the spaces at both ends away; between two pieces of a sentence they count.
    said = markup(f"{{text:{_LONG}}}", text=text)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return Markup(f"{before}{said}{after}")


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
