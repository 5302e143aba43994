"""A strip of headline figures as HTML: each with its change, and its source on hover. Values in, Markup out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components import section_head
from components.text import Markup, join, markup


@dataclass(frozen=True)
class Figure:
    """One figure: what it is, its value, its change, what else to know, and its source, all as text.

    `tone` (up, down, muted) is that of the change.
    """

    label: str
    value: str
    change: str
    note: str
    about: str
    tone: str = "muted"


def strip(figures: Sequence[Figure], *, label: str, info_key: str = "") -> Markup:
    """Return the figures side by side; `label` names them for screen readers, `info_key` opens their origin."""
    cells = [
        markup(
            '<div class="figure" title="{about:600}"><dt>{label}</dt><dd class="value">{value}</dd>'
            '<dd class="change" data-tone="{tone}">{change}</dd><dd class="note">{note}</dd></div>',
            about=figure.about,
            label=figure.label,
            value=figure.value,
            tone=figure.tone,
            change=figure.change,
            note=figure.note,
        )
        for figure in figures
    ]
    return markup(
        '<div class="frame"><dl class="figures" aria-label="{label}">{cells}</dl>{info}</div>',
        label=label,
        cells=join(cells),
        info=section_head.info(info_key, label),
    )


def skeleton(labels: Sequence[str]) -> Markup:
    """Return the strip in its final shape while there are no figures yet."""
    cells = [
        markup(
            '<div class="figure"><dt>{label}</dt><dd class="value"><i></i></dd><dd class="change"><i></i></dd>'
            '<dd class="note"><i></i></dd></div>',
            label=label,
        )
        for label in labels
    ]
    return markup('<dl class="figures loading" aria-busy="true">{cells}</dl>', cells=join(cells))


CSS = section_head.CSS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
