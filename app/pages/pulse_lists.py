"""The four short lists of the home page: what moved, where trading picked up, what ends soon, what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.models.pulse import Picture
from app.pages.market_facts import same_outcome, tone_of
from components import formatting, quality
from components.quoting import PriceStyle
from components.short_lists import countdown, figure, row, short_list
from components.timing import TimeStyle

#: Heads that a reader's unit and side rename; see `_heads`.
_CHANCE = ("Chance", "Chance of YES: middle of bid and ask where the spread is at most 20¢, else the last trade")
_FROM_TO = ("From → to", "Chance of YES 24 hours ago and now, as the change is measured")
#: Contracts of 24 hours that a mover or surge needs; links to more say the same.
_ACTIVE = Decimal(1000)
_VOLUME = ("Contracts", "Contracts traded in the last 24 hours")


#: The movers' own filters of time let everything through: the list here has none.
ANY_TIME = dict.fromkeys(("movers_close_min", "movers_close_max", "movers_expires_min", "movers_open_min"))


@dataclass(frozen=True)
class Ranking:
    """One list: its name, the heads of its figures, how it is ranked, and the page and order that show more of it."""

    key: str
    title: str
    heads: Sequence[tuple[str, str]]
    about: str
    more: str
    order: Mapping[str, Any]
    page: str = "markets"


RANKINGS = (
    Ranking(
        "movers",
        "Top movers",
        (
            _VOLUME,
            _FROM_TO,
            ("24 h pp", "Change of the chance of YES in percentage points"),
        ),
        "Largest change of the chance in 24 hours, up or down: markets with at least 1,000 contracts traded, "
        "and a change beyond half the spread, which alone would move the middle.",
        "all by change",
        {"movers_volume24h_min": _ACTIVE, **ANY_TIME},
        page="movers",
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


def skeletons(style: PriceStyle, times: TimeStyle) -> list[dict[str, Any]]:
    """Return the lists in their final shape while there is nothing to list."""
    return [
        short_list(ranking.key, ranking.title, _heads(ranking, style, times), loading=True, info_key=ranking.key)
        for ranking in RANKINGS
    ]


#: Heads of what is a time span, where times are said as moments.
_MOMENTS = {"Ends in": "Ends", "Open for": "Opened"}


def _heads(ranking: Ranking, style: PriceStyle, times: TimeStyle) -> list[tuple[str, str]]:
    """Return the heads of a list in the reader's unit, for his side."""
    heads = []
    for label, about in ranking.heads:
        chance = (label, about) in {_CHANCE, _FROM_TO}
        label = _MOMENTS.get(label, label) if times.absolute else label
        heads.append(
            (style.heading(label, chance=True) if chance else label, style.about(about) if chance else about)
        )
    return heads


def lists(picture: Picture, link: Callable[..., str], style: PriceStyle, times: TimeStyle) -> list[dict[str, Any]]:
    """Return the four lists as they are."""
    made = []
    for ranking in RANKINGS:
        answer = getattr(picture, ranking.key)
        rows = [_row(ranking.key, item, picture, link, style, times) for item in answer.rows()]
        made.append(
            short_list(
                ranking.key,
                ranking.title,
                _heads(ranking, style, times),
                rows,
                about=f"{ranking.about} {_sample(ranking.key, picture)} Received {times.moment(answer.as_of)}.",
                more=(f"{ranking.more} ›", link(ranking.page, **ranking.order)),
                empty=_nothing(ranking.key, picture),
                info_key=ranking.key,
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
    style: PriceStyle,
    times: TimeStyle,
) -> Any:
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    volume = figure(formatting.count(item["volume_24h_contracts"]))
    word = item["quote_quality"]
    chance = figure(style.chance(item["probability"]), title=quality.about(word), quality=word)
    match key:
        case "movers":
            figures = [volume, *_move(item, style)]
        case "surges":
            mean = f"Mean day of the week before: {item['mean_daily_contracts']:,.0f} contracts"
            figures = [chance, volume, figure(_times(item["surge"]), title=mean)]
        case "closing":
            ends = item["expected_time"]
            figures = [chance, volume, _ends(ends, picture.now, times)]
        case _:
            opened = item["open_time"]
            since = times.short(opened, picture.now) if times.absolute else formatting.duration(picture.now - opened)
            figures = [chance, volume, figure(since, title=times.other(opened, picture.now))]
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


def _ends(ends: datetime, now: datetime, times: TimeStyle) -> Any:
    """Return when something ends: a countdown that the browser ticks, or the moment."""
    if times.absolute:
        return figure(times.short(ends, now), title=times.other(ends, now))
    return countdown((ends - now).total_seconds(), title=times.moment(ends))


def _move(item: Mapping[str, Any], style: PriceStyle) -> list[list[str]]:
    change, word = style.change(item["change_pp"]), item["quote_quality"]
    between = f"{style.chance(item['price_then'])} → {style.chance(item['price_now'])}"
    about = f"Compared by {item['basis']}. {quality.about(word)}"
    return [figure(between, title=about, quality=word), figure(change, tone=tone_of(change))]


def _times(surge: float) -> str:
    """Return a multiple: one decimal below 100, none above."""
    return f"× {surge:,.1f}" if surge < 99.95 else f"× {surge:,.0f}"


def _nothing(key: str, picture: Picture) -> tuple[str, str]:
    """Return why a list is empty."""
    if key == "movers":
        return "Nothing moved beyond half its spread", "Among markets with at least 1,000 contracts in 24 hours."
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
