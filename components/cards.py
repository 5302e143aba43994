"""Blocks of facts as HTML: the head of a market, its facts, its times, its rules. Values in, Markup out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components import doing, section_head
from components.text import Markup, escape, join, markup

#: Rules are read in full; this only stops a text that is no rule any more.
RULES_LIMIT = 8000
MOST_ADDRESS = 500
NOTHING = Markup()

#: No user, no port, no text that a browser would read differently than a person.
_ADDRESS = re.compile(r"https://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}(?:[/?#][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*)?")


@dataclass(frozen=True)
class Fact:
    """One labelled value: label, value as text, a smaller second line, a definition on hover, and a tone."""

    label: str
    value: str
    sub: str = ""
    title: str = ""
    tone: str = ""


def facts(items: Sequence[Fact], *, label: str, info_key: str = "") -> Markup:
    """Return a strip of labelled values; `label` names it for screen readers, `info_key` opens their origin."""
    cells = [
        markup(
            '<div class="fact" title="{title}"><dt>{label}</dt><dd data-tone="{tone}">{value}</dd>'
            '<dd class="sub">{sub}</dd></div>',
            title=item.title,
            label=item.label,
            tone=item.tone,
            value=item.value,
            sub=item.sub,
        )
        for item in items
    ]
    return markup(
        '<div class="strip"><dl class="facts" aria-label="{label}">{cells}</dl>{info}</div>',
        label=label,
        cells=join(cells),
        info=section_head.info(info_key, label),
    )


def web_address(address: object) -> str:
    """Return an address that may be linked: plain https to a named host, nothing hidden in it; else an empty text."""
    text = address if isinstance(address, str) and len(address) <= MOST_ADDRESS else ""
    return text if _ADDRESS.fullmatch(text) else ""


def outward_link(text: object, address: object) -> Markup:
    """Return a link that leaves the dashboard in a new tab and tells nothing of where it came from.

    What is no plain https address is shown as text.
    """
    href = web_address(address)
    if not href:
        return escape(text, 120)
    return markup(
        '<a class="out" href="{href:500}" target="_blank" rel="noopener noreferrer" title="{href:500}">'
        '{text:120} <span aria-hidden="true">↗</span></a>',
        href=href,
        text=text,
    )


def crumbs(items: Sequence[tuple[str, str]], *, elsewhere: Markup = NOTHING) -> Markup:
    """Return the way here: (text, link); a link that does not begin with ``?`` is shown as text.

    `elsewhere`, a link that leads away, stands at the end.
    """
    parts = [
        markup('<a href="{href:2048}">{text:60}</a>', href=href, text=text)
        if href.startswith("?")
        else markup("<span>{text:60}</span>", text=text)
        for text, href in items
        if text
    ]
    return markup(
        '<nav class="crumbs" aria-label="Where this is">{parts}{elsewhere}</nav>',
        parts=join(parts, "<i>›</i>"),
        elsewhere=markup('<div class="away">{elsewhere}</div>', elsewhere=elsewhere) if elsewhere else NOTHING,
    )


def heading(
    title: object, outcome: object, *, way: Markup, tags: Sequence[tuple[str, str]] = (), mark: Markup = NOTHING
) -> Markup:
    """Return the head of a market's page: way here, title, outcome, tags as (text, tone), and a mark at the title."""
    chips = [
        markup('<span class="tag" data-tone="{tone}">{text:40}</span>', text=text, tone=tone) for text, tone in tags
    ]
    return markup(
        '{way}<div class="named">{mark}<h1 title="{title}">{title}</h1></div>'
        '<div class="outcome"><bdi>{outcome}</bdi>{chips}</div>',
        way=way,
        mark=mark,
        title=title,
        outcome=outcome,
        chips=join(chips),
    )


def big_price(value: str, unit: str, *, side: str, other: str, change: str, tone: str, note: str) -> Markup:
    """Return the one large number of a page, with what it is, its other side, and its change."""
    return markup(
        '<div class="big"><div class="number">{value}<span class="{apart}">{unit}</span></div>'
        '<div class="beside"><div data-tone="{tone}" class="change">{change}</div>'
        '<div>{side} <b>·</b> {other}</div></div></div><div class="bignote">{note}</div>',
        value=value,
        unit=unit,
        apart="apart" if unit.startswith("$") else "",
        side=side,
        other=other,
        change=change,
        tone=tone,
        note=note,
    )


def timeline(steps: Sequence[tuple[str, str, str, bool]]) -> Markup:
    """Return the times of a market in order: (what, absolute, relative, whether it is past)."""
    items = [
        markup(
            '<li class="{state}"><span>{what}</span><time>{when}</time><em>{relative}</em></li>',
            state="past" if past else "ahead",
            what=what,
            when=when,
            relative=relative,
        )
        for what, when, relative, past in steps
    ]
    return markup(
        '<section class="block"><h2>Timeline</h2><ol class="timeline">{items}</ol></section>', items=join(items)
    )


def _paragraphs(text: str) -> Markup:
    return join(
        [
            markup("<p><bdi>{part:8000}</bdi></p>", part=part)
            for part in text[:RULES_LIMIT].splitlines()
            if part.strip()
        ]
    )


def rules(primary: str, secondary: str, sources: Sequence[tuple[str, str]]) -> Markup:
    """Return a market's rules and its settlement sources (name, address); only plain https addresses are links."""
    body = join([_paragraphs(primary), _paragraphs(secondary)]) or markup("<p class='none'>No rules were sent.</p>")
    named = [
        markup("<li><bdi>{name:80}</bdi> {address}</li>", name=name, address=_address(address))
        for name, address in sources[:12]
    ]
    listed = markup("<h3>Settlement sources</h3><ul>{named}</ul>", named=join(named)) if named else Markup()
    return markup('<section class="block rules"><h2>Rules</h2>{body}{listed}</section>', body=body, listed=listed)


def _address(address: str) -> Markup:
    """Return an address as what it says, so that nobody is led elsewhere than he reads."""
    if not address:
        return Markup()
    return markup("<code>{shown}</code>", shown=outward_link(address.removeprefix("https://"), address))


def terms(items: Sequence[Fact]) -> Markup:
    """Return the terms of a market: label, value, and what it means in the second line."""
    rows = [
        markup(
            "<div><dt>{label}</dt><dd><bdi>{value}</bdi><span>{sub:300}</span></dd></div>",
            label=item.label,
            value=item.value,
            sub=item.sub,
        )
        for item in items
    ]
    return markup('<section class="block"><h2>Terms</h2><dl class="terms">{rows}</dl></section>', rows=join(rows))


def legend(items: Sequence[tuple[str, str]], note: str = "") -> Markup:
    """Return what the lines of a chart are, as (kind, label), and a quiet note at the right.

    Kind is ``line``, ``band``, ``bar``, ``dash``, ``step``, ``rise``, ``fall`` or ``now``, the present quote.
    """
    keys = [markup('<span class="key {kind}"><i></i>{label}</span>', kind=kind, label=label) for kind, label in items]
    return markup('<div class="legend">{keys}<span class="note">{note}</span></div>', keys=join(keys), note=note)


def columns(left: Markup, right: Markup) -> Markup:
    """Return two blocks side by side, the left one wider; on a phone the right one comes below."""
    return markup('<div class="columns"><div>{left}</div><div>{right}</div></div>', left=left, right=right)


def section_title(text: object, note: object = "", *, about: object = "", info_key: str = "") -> Markup:
    """Return the head of a part of a page (see `section_head`), with more about it on hover of its title."""
    return section_head.section_head(text, note, info_key=info_key, hover=about)


CSS = section_head.CSS + doing.CSS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
