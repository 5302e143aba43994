"""Where one goes from a market, a list or a view: to a rule of alerts on it, to the markets it is compared with.

The links carry what the form of a new rule begins with; nothing is made until a visitor says so there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app import link_words, url
from app.models import market_choice
from app.state import State

Link = Callable[..., str]
#: What is done, its words, its link (empty: none can be made), and what the link says more.
Doing = tuple[str, str, str, str]

#: Longest view in a link to the form, as `app.url` reads it.
MOST_VIEW = 1000
#: Filters of the list of markets by those of the movers that ask for the same.
_ALIKE = {
    "category": "category",
    "series": "series",
    "volume24h_min": "movers_volume24h_min",
    "days_min": "movers_expires_min",
}
#: Windows of the movers as those of a rule, in hours: a day is the longest a rule knows.
_HOURS = {"1h": "1", "6h": "6", "24h": "24", "7d": "24"}
_WAYS = {"up": "up", "down": "down"}


def of_market(ticker: str, state: State, link: Link, *, over: bool) -> list[Doing]:
    """Return what can be done with one market; nothing is told of one that is `over`."""
    alert = link("alerts", alerts_tickers=(ticker,))
    rule: list[Doing] = [("alert", "Alert me", alert, "A rule that tells when this market moves")]
    return [*([] if over else rule), _compared(ticker, state, link)]


def _compared(ticker: str, state: State, link: Link) -> Doing:
    """Return the way into the session's last comparison, with this market added as long as there is room."""
    held = state.compared
    if ticker in held:
        return "compare", "Compare", link("compare", compare_tickers=held), "Back to the markets it is compared with"
    if 0 < len(held) < link_words.MAX_COMPARED:
        beside = "1 market" if len(held) == 1 else f"{len(held)} markets"
        joined = link("compare", compare_tickers=(*held, ticker))
        return "compare", f"Compare with {len(held)}", joined, f"Beside the {beside} of your last comparison"
    about = "On one chart with other markets"
    if held:
        about += f"; your last comparison has {link_words.MAX_COMPARED} already, so this begins another"
    return "compare", "Compare", link("compare", compare_tickers=(ticker,)), about


def of_list(name: str, tickers: Sequence[str], link: Link, *, shared: bool) -> list[Doing]:
    """Return what can be done with a watchlist: `shared` ones are named by their markets, one's own by name."""
    if not tickers:
        return []
    first = tuple(tickers[: link_words.MAX_COMPARED])
    whole = len(first) == len(tickers)
    alert = link("alerts", alerts_tickers=tuple(tickers)) if shared else link("alerts", alerts_list=name)
    return [
        ("alert", "Alert on this list", _short(alert), "A rule on the markets this list has now"),
        (
            "compare",
            "Compare these" if whole else f"Compare the first {len(first)}",
            link("compare", compare_tickers=first),
            "On one chart",
        ),
    ]


def of_markets(values: Mapping[str, Any], link: Link) -> Doing:
    """Return the way to a rule on what the list of markets filters, as its link's `values` say."""
    kept = {name: values[name] for name in market_choice.FILTERS.values()}
    return "alert", "Alert on this view", _on_view(link, kept), "A rule on whatever passes these filters then"


def of_movers(values: Mapping[str, Any], link: Link) -> Doing:
    """Return the way to a rule on moves as the movers are listed, as far as a rule knows their filters."""
    window = values["movers_window"]
    kept = {name: values[own] for name, own in _ALIKE.items()}
    form = {"alerts_rule": "move", "alerts_way": _WAYS.get(values["movers_side"], "either")}
    left = [
        label
        for label, names in (
            ("Closes in", ("movers_close_min", "movers_close_max")),
            ("Open for", ("movers_open_min",)),
        )
        if any(values[name] is not None for name in names)
    ]
    said = f"A rule on moves within {_HOURS[window]} h among markets that pass these filters then"
    if left:
        said += f"; rules do not know “{'” and “'.join(left)}”"
    return "alert", "Alert on this view", _on_view(link, kept, **form, alerts_hours=_HOURS[window]), said


def _on_view(link: Link, kept: Mapping[str, Any], **form: str) -> str:
    view = url.link("markets", **kept)
    return _short(link("alerts", alerts_view=view, **form)) if len(view) <= MOST_VIEW else ""


def _short(href: str) -> str:
    """Return a link that can be read again; an empty text for one that is too long."""
    return href if len(href) <= url.MAX_QUERY_CHARACTERS else ""
