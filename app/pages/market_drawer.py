"""What is said of the market that lies open beside a page: the essentials of its own page, and the way there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.book_words import left_out
from app.link_values import TICKER
from app.models.market import EXPORTS as MARKET_EXPORTS
from app.models.market_drawer import LINE_HOURS, MarketDrawerModel
from app.models.order_book import Level
from app.pages import about, doings, line_words, market_terms
from app.pages.base import style_of, times_of
from app.pages.market_book import INSTEAD, LEVELS, OLD
from app.pages.market_facts import STATUS_WORDS, listed_facts, same_outcome, tone_of
from app.state import State
from components import doing, formatting, quality
from components.cards import web_address
from components.market_drawer import ORIGIN, RULES_LIMIT, MarketDrawer
from components.quoting import PriceStyle
from components.text import plain
from components.timing import TimeStyle

Said = dict[str, Any]


class MarketDrawerView:
    """Show a model's market in the one component there is for it, and let its rows open it.

    `link` makes links that keep what the session shares.
    """

    def __init__(
        self,
        model: MarketDrawerModel,
        state: State,
        local_zone: Callable[[], str],
        link: Callable[..., str],
    ) -> None:
        self.model, self._state, self._local_zone, self._link = model, state, local_zone, link
        self.view = MarketDrawer(self._on_open, model.stay, self._on_close)
        model.param.watch(self._on_revision, ["revision"])

    def _on_open(self, ticker: str, passing: bool) -> None:
        if TICKER.fullmatch(ticker):
            self.model.look_at(ticker, passing=passing)

    def _on_close(self) -> None:
        self._state.drawer = ""

    def _on_revision(self, *_events: Any) -> None:
        ticker = self._state.drawer
        self.view.present(ticker, **(self._said(ticker) if ticker else {}))

    def about(self, key: str) -> dict[str, Any]:
        """Return what the "i" of one of the model's `exports` says; `key` is one of the drawer's."""
        model, own = self.model, key.removeprefix(ORIGIN)
        said = model.provenance(own) if model.market is not None else None
        if said is None:
            return about.nothing_yet(key)
        times = times_of(self._state, self._local_zone())
        # The line is drawn of a question of its own, which no page hands out as a file.
        values = model.file_values() if own in MARKET_EXPORTS else None
        return about.words(said, model.present(), times.moment, values, self._link) | {"key": key}

    def _said(self, ticker: str) -> Said:
        model = self.model
        links = [("Open the page", self._link("market", ticker=ticker))]
        if model.market is None:
            return {"title": ticker, "face": _face(model), "links": links}
        market, style, now = model.market, style_of(self._state), model.now
        times = times_of(self._state, self._local_zone())
        title, outcome = market["title"] or ticker, market["yes_sub_title"]
        links.append(("Event", self._link("event", event=market["event_ticker"])))
        away = "" if model.source == "demo" else web_address(market_terms.kalshi_page(market))
        age = times.age(market["quote_time"], now)
        trouble = f" Asking again failed: {model.problem}" if model.problem else ""
        return {
            "title": title,
            "outcome": "" if same_outcome(title, outcome) else outcome,
            "tags": _tags(market),
            **_head(market, style),
            "facts": [
                (fact.label, fact.value, fact.sub, fact.title, fact.tone)
                for fact in listed_facts(market, now, style, times, over=model.over)
            ],
            "line": _line(model.line, style),
            "book": None if model.over else _book(model, market["tick_dollars"], style, times),
            "rules": _rules(market["rules_primary"] or ""),
            "links": links,
            "doings": [
                doing.said(*each) for each in doings.of_market(ticker, self._state, self._link, over=model.over)
            ],
            **({"away": ("Kalshi", away)} if away else {}),
            "foot": f"Quote received {age}, source {_source(model.source)}.{trouble}",
        }


def _face(model: MarketDrawerModel) -> tuple[str, str, str]:
    if model.problem:
        return "error", "The question could not be answered", f"{model.problem} It is asked again by itself."
    if model.empty_lake:
        return "loading", "Nothing is stored yet", "The market appears by itself once it was fetched."
    if not model.gone:
        return "loading", "Looking for this market", "It is not among the stored ones; Kalshi is asked for it."
    why = model.gone_reason.rstrip(".")
    return "empty", "This market is gone", f"Live markets and the history of settled ones were asked: {why}."


def _source(source: str) -> str:
    return "simulated exchange" if source == "demo" else "Kalshi" if source == "live" else source


def _tags(market: Mapping[str, Any]) -> list[tuple[str, str]]:
    tags = [STATUS_WORDS.get(market["status"], (market["status"], ""))]
    if market["status"] == "active":
        trust = quality.quality(market["quote_quality"])
        tags.append((trust.tag, "amber" if trust.tone else ""))
    return tags


def _head(market: Mapping[str, Any], style: PriceStyle) -> Said:
    """Return the chance and its change; of a decided market its result and what a contract of YES was paid."""
    if market["result"]:
        paid = market["settlement_value_dollars"]
        said = (
            "settlement value not sent" if paid is None else f"${formatting.decimals(paid, 2)} for each YES contract"
        )
        return {"big": (market["result"].upper(), "", "", "Result"), "change": (said, "muted")}
    word, chance = market["quote_quality"], market["probability"]
    unit = "" if chance is None else style.chance_mark or f" {style.mark}"
    change = style.change(market["change_24h_pp"])
    moved = f"{change} pp in 24 h" if market["change_24h_pp"] is not None else "24 h change n/a"
    about = style.about("Chance of YES: middle of bid and ask where they are at most 20¢ apart, else the last trade")
    big = (
        style.chance(chance),
        f"{unit} {style.side_word}" if chance is not None else "",
        quality.flag(word),
        f"{about}. {quality.about(word)}",
    )
    return {"big": big, "change": (moved, tone_of(change))}


def _line(points: Sequence[int | None], style: PriceStyle) -> tuple[list[int | None], str]:
    days = LINE_HOURS // 24
    line, chances = line_words.told(points, style)
    if not line:
        return [], f"No price of the last {days} days is stored."
    first, last, least, most = chances
    span = f"{days} days"
    if unknown := next(place for place, point in enumerate(line) if point is not None):
        known = timedelta(hours=round(LINE_HOURS * (1 - unknown / len(line))))
        span = f"{formatting.duration(known)}, no price before"
    return line, f"{span}: {first} → {last}\u00a0{style.mark}, between {least} and {most}\u00a0{style.mark}"


def _book(model: MarketDrawerModel, tick: Decimal | None, style: PriceStyle, times: TimeStyle) -> Said:
    """Return the best prices of both sides; `empty` says why there are none."""
    book, attempt = model.book, model.book_attempt
    said: Said = {"heading": style.heading("Price"), "about": f"Price of {style.side_word}", "note": "", "old": False}
    said |= {"asks": [], "bids": [], "middle": "", "tone": "", "empty": ""}
    failed = attempt.problem if attempt is not None else ""
    observed = book.observed_time if book is not None else None
    emptied = attempt is not None and not failed and not attempt.rows
    if emptied and attempt is not None and (observed is None or attempt.moment > observed):
        return said | {"empty": "Nobody bids for YES or NO.", "note": f"seen {times.age(attempt.moment, model.now)}"}
    if book is None or observed is None:
        return said | {"empty": f"{failed} {INSTEAD}" if failed else "It is being fetched."}
    asks, bids = book.asks[:LEVELS], book.bids[:LEVELS]
    deepest = max(level.contracts for level in (*asks, *bids))
    width = max(formatting.price_digits(level.price_dollars, tick) for level in (*asks, *bids))

    def rung(level: Level) -> tuple[str, str, float]:
        price = style.own_price(level.price_dollars, tick, width)
        return price, formatting.count(level.contracts, exact=True), float(level.contracts / deepest)

    spread, age = book.spread_dollars, times.age(observed, model.now)
    old = bool(failed) or model.now - observed > OLD
    middle = "One-sided: no spread" if spread is None else f"Spread {formatting.price(spread, tick)}"
    if spread is not None and spread <= 0:
        middle = f"Crossed by {formatting.price(-spread, tick)}"
    refused = left_out(attempt.refused) if attempt is not None and not old else ""
    return said | {
        "asks": [rung(level) for level in asks],
        "bids": [rung(level) for level in bids],
        "middle": middle,
        "tone": "amber" if spread is None or spread <= 0 else "",
        "note": f"as it was {age}" if old else " · ".join(filter(None, [f"seen {age}", refused])),
        "old": old,
    }


def _rules(rules: str) -> list[str]:
    """Return the first paragraphs, cut at a word."""
    shown: list[str] = []
    left = RULES_LIMIT
    for paragraph in filter(None, (plain(part, RULES_LIMIT * 2) for part in rules.splitlines())):
        if left < 80:
            break
        cut = paragraph if len(paragraph) <= left else paragraph[:left].rsplit(" ", 1)[0].rstrip(" ,;") + " …"
        shown.append(cut)
        left -= len(cut)
    return shown
