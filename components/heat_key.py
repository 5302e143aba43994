"""The key of a heat map: what amounts its colours stand for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components import formatting
from components.charts.hour_heat import STEPS
from components.text import Markup, join, markup


def heat_key(bounds: Sequence[float], what: str) -> Markup:
    """Return the steps of a heat map, from nothing on: `bounds` are their least amounts, `what` the measure."""
    if not bounds:
        return Markup()
    first = len(STEPS) - len(bounds) + 1
    steps = [
        markup('<li><i class="step-{step}"></i>{least}</li>', step=first + n, least=_amount(n, bounds))
        for n in range(len(bounds))
    ]
    return markup(
        '<div class="heat-key"><span>{what}</span><ol><li><i class="step-0"></i>0</li>{steps}</ol></div>',
        what=what,
        steps=join(steps),
    )


def _amount(place: int, bounds: Sequence[float]) -> str:
    least = formatting.count(round(bounds[place]))
    if place == len(bounds) - 1:
        return f"{least} or more"
    return f"from {least}"


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8") + "".join(
    f".heat-key .step-{n} {{ background: color-mix(in srgb, var(--ka-up) {share:.0%}, var(--ka-surface)); }}\n"
    for n, share in enumerate(STEPS, 1)
)
