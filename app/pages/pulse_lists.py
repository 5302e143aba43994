"""The four short lists of the home page: what moved, where trading picked up, what ends soon, what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.models.pulse import Picture, move_of
from app.pages.market_facts import chance_text, same_outcome, tone_of
from components import formatting
from components.short_lists import countdown, figure, row, short_list

_CHANCE = ("Chance %", "Middle of bid and ask where the spread is at most 20¢, else the last trade")
#: Contracts of 24 hours that a mover or surge needs; links to more say the same.
_ACTIVE = Decimal(1000)
_VOLUME = ("Contracts", "Contracts traded in the last 24 hours")


@dataclass(frozen=True)
class Ranking:
    """One list: its name, the heads of its figures, how it is ranked, and the order that shows more of it."""

    key: str
    title: str
    heads: Sequence[tuple[str, str]]
    about: str
    more: str
    order: Mapping[str, Any]


RANKINGS = (
    Ranking(
        "movers",
        "Top movers",
        (
            _VOLUME,
            ("From → to %", "Chance 24 hours ago and now, as the change is measured"),
            ("24 h pp", "Change of the chance in percentage points"),
        ),
        "Largest change of the chance in 24 hours, up or down: markets with at least 1,000 contracts traded, "
        "and a change beyond half the spread, which alone would move the middle.",
        "all by change",
        {"sort": "change", "volume24h_min": _ACTIVE},
    ),
    Ranking(
        "surges",
        "Volume surges",
        (_CHANCE, _VOLUME, ("× mean day", "Contracts of 24 hours over those of the mean of the seven days before")),
        "Contracts of the last 24 hours against the mean day of the week before: markets with at least three days "
        "of history and 1,000 contracts traded.",
        "all by volume",
        {"sort": "volume24h", "volume24h_min": _ACTIVE},
    ),
    Ranking(
        "closing",
        "Closing soon",
        (_CHANCE, _VOLUME, ("Ends in", "Until settlement is expected, or trading closes if that is earlier")),
        "What is expected to end next, of the markets that traded in 24 hours: the most traded of each event.",
        "all by end",
        {"sort": "ends", "direction": "asc"},
    ),
    Ranking(
        "listed",
        "New listings",
        (_CHANCE, _VOLUME, ("Open for", "How long ago trading began")),
        "Markets whose trading began in the last 24 hours, most traded first: the most traded of each event.",
        "all by opening",
        {"sort": "opened"},
    ),
)


def skeletons() -> list[dict[str, Any]]:
    """Return the lists in their final shape while there is nothing to list."""
    return [short_list(ranking.key, ranking.title, ranking.heads, loading=True) for ranking in RANKINGS]


def lists(
    picture: Picture, link: Callable[..., str], moment: Callable[[datetime | None], str]
) -> list[dict[str, Any]]:
    """Return the four lists as they are."""
    made = []
    for ranking in RANKINGS:
        answer = getattr(picture, ranking.key)
        rows = [_row(ranking.key, item, picture, link, moment) for item in answer.rows()]
        made.append(
            short_list(
                ranking.key,
                ranking.title,
                ranking.heads,
                rows,
                about=f"{ranking.about} {_sample(ranking.key, picture)} Received {moment(answer.as_of)}.",
                more=(f"{ranking.more} ›", link("markets", **ranking.order)),
                empty=_nothing(ranking.key, picture),
            )
        )
    return made


def _sample(key: str, picture: Picture) -> str:
    if key == "surges":
        return f"Measured for {picture.histories['measured_markets']:,} markets whose history is stored."
    if key == "listed":
        return f"Of {picture.totals['new_24h_markets']:,} new markets."
    return f"Of {picture.totals['open_markets']:,} open markets."


def _row(
    key: str,
    item: Mapping[str, Any],
    picture: Picture,
    link: Callable[..., str],
    moment: Callable[[datetime | None], str],
) -> Any:
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    volume = figure(formatting.count(item["volume_24h_contracts"]))
    chance = figure(chance_text(item["probability"]), title=f"quote is {item['quote_quality']}")
    match key:
        case "movers":
            figures = [volume, *_move(item)]
        case "surges":
            mean = f"Mean day of the week before: {item['mean_daily_contracts']:,.0f} contracts"
            figures = [chance, volume, figure(_times(item["surge"]), title=mean)]
        case "closing":
            ends = item["expected_time"]
            figures = [chance, volume, countdown((ends - picture.now).total_seconds(), title=moment(ends))]
        case _:
            opened = formatting.duration(picture.now - item["open_time"])
            figures = [chance, volume, figure(opened, title=moment(item["open_time"]))]
    tip, others = f"{title} — {outcome or ''} · {item['ticker']}", item.get("event_markets", 1) - 1
    return row(
        item["ticker"],
        link("market", ticker=item["ticker"]),
        title,
        "" if same_outcome(title, outcome) else outcome,
        figures,
        extra=f"+{others}" if others else "",
        tip=f"{tip} · and {others} more of the same event" if others else tip,
    )


def _move(item: Mapping[str, Any]) -> list[list[str]]:
    move, change = move_of(item), formatting.points(item["change_24h_pp"])
    moved = figure(change, tone=tone_of(change))
    if move is None:
        return [figure(formatting.ABSENT, tone="muted"), moved]
    between = f"{chance_text(move.before)} → {chance_text(move.now)}"
    return [figure(between, title=f"Compared by {move.basis}"), moved]


def _times(surge: float) -> str:
    """Return a multiple: one decimal below 100, none above."""
    return f"× {surge:,.1f}" if surge < 99.95 else f"× {surge:,.0f}"


def _nothing(key: str, picture: Picture) -> tuple[str, str]:
    """Return why a list is empty."""
    if key == "movers":
        return "Nothing moved beyond its spread", "Among markets with at least 1,000 contracts in 24 hours."
    if key == "closing":
        return "Nothing that trades is about to end", "No open market with trades in 24 hours has an end ahead."
    if key == "listed":
        return "No market opened in the last 24 hours", ""
    return _no_surges(picture)


def _no_surges(picture: Picture) -> tuple[str, str]:
    measured, any_days = picture.histories["measured_markets"], picture.histories["markets"]
    if measured:
        return (
            "No surge",
            f"None of the {measured:,} markets with a week of history traded 1,000 contracts in 24 hours.",
        )
    fetched = picture.fetched
    if fetched is not None:
        done, total = fetched
        far = f": {done:,} of {total:,} markets" if total else ""
        return (
            f"History is being fetched{far}",
            "A surge is measured against the week before. The history of the most traded markets is being fetched "
            "in the background; the list appears by itself.",
        )
    if any_days:
        return (
            "The history is too short",
            f"A surge needs three days before today; {any_days:,} markets have fewer so far.",
        )
    return (
        "No history yet",
        "A surge is measured against the week before. The history of the most traded markets is fetched in the "
        "background after the list of markets; this list appears by itself.",
    )
