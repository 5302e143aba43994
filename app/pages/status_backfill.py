"""The part of the Status page that fills in history: what to fetch, how far it is, how long it takes."""

from __future__ import annotations

from datetime import timedelta

from app.models.status import StatusModel
from components import formatting, job_card
from components.job_card import JobCard

_OF_MARKETS = {"kind": ("candles", "trades")}
_FIELDS = [
    job_card.choice(
        "kind",
        "Fetch",
        [("candles", "candlesticks"), ("settled", "settled markets"), ("trades", "trades")],
    ),
    job_card.choice(
        "period", "of", [("60", "an hour"), ("1440", "a day"), ("1", "a minute")], only={"kind": ("candles",)}
    ),
    job_card.number("markets", "the", "most traded", 200_000, only=_OF_MARKETS),
    job_card.choice("scope", "among", [("open", "open markets"), ("settled", "settled markets")], only=_OF_MARKETS),
    job_card.number("days", "back", "days", 3650),
]
_FIRST = {"kind": "candles", "period": "60", "markets": "200", "scope": "open", "days": "30"}
_ABOUT = (
    "Candlesticks, trades and settled markets that nobody has opened yet. It waits for everything that is due, keeps "
    "to the rate limit, and goes on where it stopped, also after a restart."
)
_UNITS = {"settled": "days"}


def card(model: StatusModel) -> JobCard:
    """Build the part once."""
    return JobCard(
        model.start_backfill,
        model.stop_backfill,
        label="Fill in history",
        about=_ABOUT,
        fields=_FIELDS,
        values=_FIRST,
    )


def update(shown: JobCard, model: StatusModel) -> None:
    """Show what the model says now."""
    shown.visible = model.stored
    progress = model.freshness.progress if model.freshness is not None else None
    state = progress.backfill if progress is not None else None
    running = progress.backfilling if progress is not None else False
    blocked = ""
    if not model.may_backfill:
        blocked = "Visitors of this server cannot start it (KALSHI_BACKFILL_BUTTON)."
    elif progress is not None and not progress.writes:
        blocked = "Another process fetches for this one; start it there."
    waiting = running and (state is None or state.finished)
    share = None if state is None or waiting else state.done / state.total if state.total else 1.0
    shown.param.update(running=running, blocked=blocked, share=share)
    if state is None or waiting:
        shown.say("It begins as soon as nothing else is due." if waiting else "", model.refused)
        return
    unit = _UNITS.get(state.request.kind, "markets")
    said = f"{state.request.kind.capitalize()}: {state.done:,} of {state.total:,} {unit}, {state.rows:,} rows stored"
    if state.unknown:
        said += f", {state.unknown:,} could not be had"
    if state.finished:
        said += ". Done."
    elif running and state.seconds_left is not None:
        said += f", about {formatting.duration(timedelta(seconds=state.seconds_left))} left at the rate limit"
    shown.say(said, model.refused or state.problem)
