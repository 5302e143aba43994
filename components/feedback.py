"""What a page says when it has no rows, no answer, or old ones: three faces, each with a reason and a next step."""

from __future__ import annotations

from pathlib import Path

from components.text import Markup, join, markup

_ICONS = {
    # Drawn here so that nothing is loaded from anywhere; all from lines of one weight.
    "empty": "M4 7h16M7 12h10M10 17h4",
    "error": "M12 4 3 20h18zM12 10v5M12 17.5v.5",
    "stale": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5l3 2",
    "loading": "M12 4a8 8 0 1 1-8 8",
    "simulated": "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M8 15h8",
    "note": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.5",
}


def icon(name: str) -> Markup:
    """Return a 20 px line drawing; it says nothing to a screen reader."""
    return markup(
        '<svg class="ka-icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"'
        ' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{d}"/></svg>',
        d=_ICONS[name],
    )


def action(label: str, href: str) -> Markup:
    """Return a link that reads as the next step; `href` must begin with ``?``, anything else gives nothing."""
    return (
        markup('<a class="ka-action" href="{href:2048}">{label}</a>', label=label, href=href)
        if href.startswith("?")
        else Markup()
    )


def face(kind: str, title: object, reason: object = "", *actions: Markup, tall: bool = False) -> Markup:
    """Return a face that stands where rows would: `kind` is ``empty``, ``error``, ``stale`` or ``loading``.

    `tall` gives it a chart's height, so that nothing jumps when the chart comes.
    """
    return markup(
        '<div class="ka-face ka-{kind} {tall}" role="{role}">{icon}<div class="ka-face-title">{title}</div>'
        '<div class="ka-face-reason">{reason:600}</div><div class="ka-face-actions">{actions}</div></div>',
        kind=kind,
        tall="ka-tall" if tall else "",
        role="alert" if kind == "error" else "status",
        icon=icon(kind),
        title=title,
        reason=reason,
        actions=join(actions),
    )


def band(kind: str, title: object, reason: object = "", *actions: Markup, share: float | None = None) -> Markup:
    """Return a line over the whole page: `kind` is ``simulated``, ``stale``, ``error``, ``loading`` or ``note``.

    `share` (0–1) draws a bar of progress under it.
    """
    bar = Markup()
    if share is not None:
        bar = markup(
            '<span class="ka-progress" role="progressbar" aria-label="{title}" aria-valuemin="0" aria-valuemax="100"'
            ' aria-valuenow="{now}"><span style="width:{now}%"></span></span>',
            title=title,
            now=round(max(0.0, min(1.0, share)) * 100),
        )
    return markup(
        '<div class="ka-band ka-{kind}" role="{role}">{icon}<span><b>{title}</b> {reason:600}</span>'
        "{actions}{bar}</div>",
        kind=kind,
        # Ages and seconds run in a band: only what fails is announced, or a screen reader would never fall silent.
        role="alert" if kind == "error" else "note",
        icon=icon("stale" if kind == "partial" else kind),
        title=title,
        reason=reason,
        actions=join(actions),
        bar=bar,
    )


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
