"""The strip of the home page: six figures, each with its change, how it is counted, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from app.models.pulse import Picture
from components import figures, formatting
from components.figures import Figure
from components.text import Markup

LABELS = (
    "Open markets",
    "Contracts, 24 h",
    "Est. volume, 24 h",
    "Open interest",
    "Events",
    "New in 24 h",
)

#: A day ago is said to be one while the newest quote of then is at most this much older than a day.
_DAY = timedelta(hours=26)


def large(value: Decimal | int, prefix: str = "") -> str:
    """Return a number in full below a million, in millions or billions with three figures above: ``1.23 M``."""
    size, sign = abs(Decimal(value)), formatting.MINUS if value < 0 else ""
    for unit, name in ((Decimal(10**9), " B"), (Decimal(10**6), " M")):
        if size >= unit:
            scaled = size / unit
            digits = 2 if scaled < 10 else 1 if scaled < 100 else 0
            return f"{sign}{prefix}{scaled:,.{digits}f}{name}"
    return f"{sign}{prefix}{size:,.0f}"


def strip(picture: Picture, moment: Callable[[datetime | None], str]) -> Markup:
    """Return the six figures."""
    totals = picture.totals
    markets, events = totals["open_markets"], totals["open_events"]
    contracts, priced = totals["volume_24h_contracts"] or 0, totals["priced_volume_24h_contracts"] or 0
    covered = formatting.percent(priced / contracts, int(priced < contracts)) if contracts else formatting.ABSENT
    as_of = f"Counted over {markets:,} open markets received {moment(picture.movers.as_of)}."

    def figure(place: int, name: str, value: str, note: str, about: str, prefix: str = "") -> Figure:
        change, tone, basis = _change(picture, name, moment, prefix)
        return Figure(LABELS[place], value, change, note, f"{about} {basis} {as_of}", tone)

    return figures.strip(
        [
            figure(
                0,
                "open_markets",
                f"{markets:,}",
                f"{totals['two_sided_markets']:,} quoted on both sides",
                "Markets that can be traded now; combinations are left out.",
            ),
            figure(
                1,
                "volume_24h_contracts",
                formatting.count(totals["volume_24h_contracts"]),
                f"in {totals['traded_24h_markets']:,} markets",
                "Contracts traded in the last 24 hours, as the exchange counts them.",
            ),
            figure(
                2,
                "volume_24h_dollars",
                formatting.ABSENT
                if totals["volume_24h_dollars"] is None
                else f"≈ {large(totals['volume_24h_dollars'], '$')}",
                f"contracts × chance, {covered} priced",
                "Estimate: contracts of 24 hours times today’s chance of YES, one dollar each. "
                f"It covers {covered} of the contracts; the others have no price that says anything.",
                "$",
            ),
            figure(
                3,
                "open_interest_contracts",
                formatting.count(totals["open_interest_contracts"]),
                "contracts outstanding",
                "Contracts that are held and not settled yet.",
            ),
            figure(
                4,
                "open_events",
                f"{events:,}",
                f"{markets / events:.1f} markets each" if events else "",
                "Events with at least one open market.",
            ),
            figure(
                5,
                "new_24h_markets",
                f"{totals['new_24h_markets']:,}",
                f"{formatting.percent(Decimal(totals['new_24h_markets']) / markets, 1)} of the open"
                if markets
                else "",
                "Open markets whose trading began in the last 24 hours.",
            ),
        ],
        label="The exchange in six figures",
        info_key="figures",
    )


def _change(
    picture: Picture, name: str, moment: Callable[[datetime | None], str], prefix: str
) -> tuple[str, str, str]:
    """Return the change of a figure against a day ago as text, its tone, and what it is measured against."""
    past = picture.then or {}
    now, then, seen = picture.totals[name], past.get(name), past.get("then_time")
    if now is None or then is None or seen is None:
        return _no_change(picture, name)
    old = picture.now - seen
    span = "24 h" if old <= _DAY else formatting.duration(old)
    difference = now - then
    basis = f"A day ago: {large(then, prefix)}, by the quotes received until {moment(seen)}."
    if not difference:
        return f"no change in {span}", "muted", basis
    arrow, tone = ("▲ +", "up") if difference > 0 else ("▼ ", "down")
    share = f" ({_relative(Decimal(difference) / then)})" if then else ""
    return f"{arrow}{large(difference, prefix)}{share} in {span}", tone, basis


def _relative(change: Decimal) -> str:
    """Return a relative change in percent, with one decimal below 100 %."""
    return f"{change:+,.{int(abs(change) < 1)}%}".replace("-", formatting.MINUS)


def _no_change(picture: Picture, name: str) -> tuple[str, str, str]:
    if picture.since is None:
        return "n/a: no history yet", "muted", "The lake has no quote history yet."
    if picture.has_gap:
        return "n/a: nothing seen a day ago", "muted", "The lake has a gap where a day ago would be."
    age = formatting.duration(picture.now - picture.since)
    needed = "two days" if picture.then is not None and name == "new_24h_markets" else "a day"
    return f"n/a: the lake is {age} old", "muted", f"The change needs {needed} of quote history; the lake has {age}."
