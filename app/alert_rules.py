"""Rules of alerts in a person's words: what is looked at, when it is told, how it is kept and read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from app import link_values, url
from app.models import market_choice
from data_layer.alert_questions import Condition

#: Most markets one rule names; more are a screener view's business.
MAX_TICKERS, MAX_NAME = 500, 60
WINDOWS = (1, 6, 24)


class RuleError(ValueError):
    """A rule cannot be made so; the message is for a person."""


@dataclass(frozen=True)
class Kind:
    """One kind of rule: its name, unit, smallest and largest threshold, usual one, and its directions."""

    name: str
    unit: str
    least: Decimal
    most: Decimal
    usual: str
    directions: Mapping[str, str]


KINDS = {
    "price": Kind(
        "Chance crosses",
        "%",
        Decimal("0.1"),
        Decimal("99.9"),
        "50",
        {"above": "rises to", "below": "falls to"},
    ),
    "move": Kind(
        "Chance moves",
        "pp",
        Decimal("0.5"),
        Decimal(99),
        "10",
        {"either": "moves", "up": "rises by", "down": "falls by"},
    ),
    "surge": Kind("Volume surges", "×", Decimal("1.1"), Decimal(10_000), "3", {"above": "is"}),
    "spread": Kind(
        "Spread becomes",
        "¢",
        Decimal("0.1"),
        Decimal(99),
        "2",
        {"narrower": "narrows to", "wider": "widens to"},
    ),
    "closing": Kind("Ends within", "h", Decimal("0.1"), Decimal(8760), "24", {"below": "ends within"}),
}


@dataclass(frozen=True)
class Rule:
    """One rule. It looks at `tickers`, or without them at the markets of `view`, a link's query to the page Markets.

    `threshold` is in the unit of its kind: percent, percentage points, a multiple of the mean day, cents, hours;
    `hours` is the window of a move.
    """

    kind: str
    direction: str
    threshold: Decimal
    hours: int = 1
    tickers: tuple[str, ...] = ()
    view: str = ""
    name: str = ""
    paused: bool = False

    @property
    def unit(self) -> str:
        """Unit of the threshold and of what is measured."""
        return KINDS[self.kind].unit

    @property
    def words(self) -> str:
        """The rule as a sentence: ``Chance moves 10 pp in 1 h``."""
        level, said = measured(self.threshold, self.unit), KINDS[self.kind].directions[self.direction]
        match self.kind:
            case "price":
                return f"Chance {said} {level}"
            case "move":
                return f"Chance {said} {level} in {self.hours} h"
            case "surge":
                return f"Volume of 24 h is {level} the mean day before"
            case "spread":
                return f"Spread {said} {level}"
            case _:
                return f"Market {said} {level}"

    @property
    def scope(self) -> str:
        """What is looked at, in words."""
        if self.tickers:
            return self.tickers[0] if len(self.tickers) == 1 else f"{len(self.tickers)} markets"
        return "All open markets" if not self.view else "Markets of a view"

    def condition(self, key: int) -> Condition:
        """Return the rule as it is evaluated."""
        values = url.decode(self.view).values
        metric, rising, threshold = self._measure()
        return Condition(
            key,
            metric,
            rising,
            threshold,
            growing=self.kind in {"move", "surge"},
            tickers=self.tickers,
            filter=market_choice.filter_of(values),
        )

    def _measure(self) -> tuple[str, bool, Decimal]:
        match self.kind, self.direction:
            case "move", "either":
                return f"size_{self.hours}", True, self.threshold
            case "move", "up":
                return f"move_{self.hours}", True, self.threshold
            case "move", _:
                return f"move_{self.hours}", False, -self.threshold
            case kind, direction:
                return kind, direction in {"above", "wider"}, self.threshold

    def why(self, value: Decimal, before: Decimal | None) -> str:
        """Say what made the rule fire: what it is now, and what it was at the look before."""
        # A rule of moves up or down measures how far, not which way.
        signed = self.kind == "move" and self.direction != "either"
        now = measured(value, self.unit, signed=signed)
        was = f", was {measured(before, self.unit, signed=signed)}" if before is not None else ""
        match self.kind:
            case "price":
                return f"Chance is {now}{was}"
            case "move":
                way = "" if signed else " up or down"
                return f"Chance moved {now}{way} in {self.hours} h{was}"
            case "surge":
                return f"Volume of 24 h is {now} the mean day before{was}"
            case "spread":
                return f"Spread is {now}{was}"
            case _:
                return f"It ends in {now}"

    def body(self) -> dict[str, Any]:
        """Return the rule as it is kept."""
        return asdict(self) | {"threshold": str(self.threshold), "tickers": list(self.tickers)}


def measured(value: Decimal, unit: str, *, signed: bool = False) -> str:
    """Return a measured value with its unit: ``61.5%``, ``+10.0 pp``, ``3.2×``, ``2¢``, ``23.9 h``."""
    shown = f"{value.quantize(Decimal('0.01')).normalize():{'+' if signed else ''}f}".replace("-", "−")
    return f"{shown}{unit}" if unit in {"%", "¢", "×"} else f"{shown} {unit}"


def read(body: Mapping[str, Any]) -> Rule | None:
    """Return a rule that was kept; None for what is none (a damaged or a newer program's one)."""
    try:
        rule = Rule(
            kind=str(body["kind"]),
            direction=str(body["direction"]),
            threshold=Decimal(str(body["threshold"])),
            hours=int(body["hours"]),
            tickers=tuple(str(ticker) for ticker in body["tickers"]),
            view=str(body["view"]),
            name=str(body["name"]),
            paused=bool(body["paused"]),
        )
        return checked(rule)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return None


def checked(rule: Rule) -> Rule:
    """Return the rule if it can be; raises RuleError."""
    kind = KINDS.get(rule.kind)
    if kind is None or rule.direction not in kind.directions or rule.hours not in WINDOWS:
        raise RuleError("There is no such kind of rule.")
    if not rule.threshold.is_finite() or not kind.least <= rule.threshold <= kind.most:
        least, most = (measured(bound, kind.unit) for bound in (kind.least, kind.most))
        raise RuleError(f"{kind.name}: the threshold has to be from {least} to {most}.")
    if rule.threshold != rule.threshold.quantize(Decimal("0.01")):
        raise RuleError("A threshold has at most two decimals.")
    if len(rule.tickers) > MAX_TICKERS:
        raise RuleError(f"A rule names at most {MAX_TICKERS} markets; use a view for more.")
    if wrong := [ticker for ticker in rule.tickers if not link_values.TICKER.fullmatch(ticker)]:
        raise RuleError(f"“{wrong[0][:60]}” is no ticker.")
    return rule


def made(said: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> Rule:
    """Return the rule that a form describes: kind, direction, threshold, hours, scope, tickers, list, view, name.

    `lists` are the visitor's watchlists by name. Raises RuleError for a person.
    """
    kind = said.get("kind", "")
    if kind not in KINDS:
        raise RuleError("There is no such kind of rule.")
    directions = list(KINDS[kind].directions)
    direction = said.get("direction", "")
    scope = said.get("scope", "")
    tickers: tuple[str, ...] = ()
    view = ""
    if scope == "tickers":
        tickers = tuple(dict.fromkeys(said.get("tickers", "").replace(",", " ").split()))
        if not tickers:
            raise RuleError("Name a market, or choose what else is looked at.")
    elif scope == "list":
        tickers = tuple(lists.get(said.get("list", ""), ()))
        if not tickers:
            raise RuleError("That list has no markets.")
    elif scope == "view":
        view = _view(said.get("view", ""))
    elif scope != "all":
        raise RuleError("Choose what is looked at.")
    return checked(
        Rule(
            kind,
            direction if direction in directions else directions[0],
            _number(said.get("threshold", "")),
            int(said["hours"]) if said.get("hours") in {str(window) for window in WINDOWS} else WINDOWS[0],
            tickers,
            view,
            " ".join("".join(c for c in said.get("name", "") if c.isprintable()).split())[:MAX_NAME],
        )
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", ".")) if text.strip().isascii() else Decimal("nan")
    except InvalidOperation:
        raise RuleError(f"“{text[:20]}” is no number.") from None


def _view(link: str) -> str:
    """Return the query of a link to the list of markets, without its looks; RuleError when it is none."""
    query = link.strip().rpartition("?")[2]
    decoded = url.decode(query)
    if decoded.values["page"] != "markets" or decoded.notes:
        note = decoded.notes[0] if decoded.notes else "It has to lead to the page Markets."
        raise RuleError(f"The link cannot be used: {note}")
    kept = {name: decoded.values[name] for name in market_choice.FILTERS.values()}
    return url.link("markets", **kept)


def paused(rule: Rule, is_paused: bool) -> Rule:
    """Return the rule as one that is, or is not, looked at."""
    return replace(rule, paused=is_paused)
