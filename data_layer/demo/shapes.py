"""Shapes: how the instance of a slot becomes an event with legs, for every shape a question can have."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import NormalDist

from data_layer.demo.events import FAR, Event, Leg, date_code
from data_layer.demo.families import DAY, Family, Underlying
from data_layer.demo.randomness import Draws, seed_of
from data_layer.demo.slots import Slot
from data_layer.demo.vocabulary import (
    CITIES,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    PEOPLE,
    SPOKEN_WORDS,
    TOWNS,
    US_LEAGUES,
    WORKS,
)

_NORMAL = NormalDist()


def _letters(name: str) -> str:
    """Return a name as tickers spell it: capitals and digits of ASCII, nothing else."""
    return "".join(c for c in name.upper() if c.isascii() and c.isalnum())


def _interval(chance: float) -> float:
    return _NORMAL.inv_cdf(min(max(chance, 1e-6), 1 - 1e-6))


def instance(slot: Slot, generation: int) -> Event:
    """Return an instance of a slot; a pure function of its arguments."""
    opens = slot.phase + generation * slot.length
    ends = opens + slot.length
    draws = Draws(seed_of(slot.seed, generation, "legs"))
    event = Event(slot, generation, "", opens, ends, False, _words(slot, generation, ends, draws))
    event.legs = _SHAPES[slot.family.shape](event, draws)
    event.ticker = _ticker(event)
    return event


def _words(slot: Slot, generation: int, ends: int, draws: Draws) -> dict[str, str]:
    end = datetime.fromtimestamp(ends, UTC)
    home, away = _teams(slot, generation)
    return {
        "E": slot.entity[0],
        "entity": slot.entity[1],
        "home": home[1],
        "homecode": home[0],
        "away": away[1],
        "awaycode": away[0],
        "work": WORKS[draws.whole(0, len(WORKS) - 1)],
        "date": end.strftime("%b %d, %Y").replace(" 0", " "),
        "day": end.strftime("%b %d").replace(" 0", " "),
        "hour": end.strftime("%b %d, %Y at %I%p UTC").replace(" 0", " "),
        "month": end.strftime("%b %Y"),
        "year": end.strftime("%Y"),
    }


def _sides(family: Family) -> tuple[tuple[str, str], ...]:
    """Return who plays in a league: American cities, other towns, or single players."""
    if family.league and family.league[2] in ("Tennis", "MMA"):
        return PEOPLE
    return TOWNS if family.league and family.league[0] not in US_LEAGUES else CITIES


def _teams(slot: Slot, generation: int) -> tuple[tuple[str, str], tuple[str, str]]:
    sides = _sides(slot.family)
    league = seed_of("sides", slot.family.league[0] if slot.family.league else "") % 97
    home = (league + generation * 5 + 2 * slot.ordinal) % len(sides)
    away = (home + 1 + (league + generation) % 11) % len(sides)
    return sides[home], sides[away]


def _ticker(event: Event) -> str:
    slot, family = event.slot, event.family
    code = family.code.replace("{E}", slot.entity[0])
    if not code.startswith("KX"):
        return code
    end = datetime.fromtimestamp(event.ends, UTC)
    if family.far_year == 2099 and family.shape == "binary":
        return f"{code}-99"
    if family.live_hours and family.league:
        return f"{code}-{date_code(end)}{event.words['homecode']}{event.words['awaycode']}"
    if slot.length <= 2 * 86400:
        stamp = date_code(end) + (end.strftime("%H%M") if slot.length < 86400 else end.strftime("%H"))
    elif slot.length >= 150 * 86400:
        stamp = end.strftime("%y")
    else:
        stamp = date_code(end)
    return f"{code}-{stamp}" + (f"-{slot.ordinal + 1}" if slot.ordinal else "")


def _binary(event: Event, draws: Draws) -> list[Leg]:
    x = _interval(0.5) if event.slot.length < 3600 else _interval(draws.between(0.03, 0.9) ** 1.4)
    family = event.family
    leg = Leg("", event.words["entity"], x, FAR, strike_type=family.strike_type)
    if family.underlying and event.slot.length < 86400:
        leg.floor = round((family.underlying.level + family.underlying.spread * draws.normal()) * _factor(event), 4)
        leg.suffix = f"-{event.ends // 60 % 60:02d}"
        leg.label = "Target " + family.underlying.form.format(f"{leg.floor:,.2f}")
    elif event.slot.length < 3 * 365 * DAY and draws.number() < 0.5:  # a question of years is called like its event
        leg.suffix = "-Y"
    return [leg]


def _game(event: Event, draws: Draws) -> list[Leg]:
    event.exclusive = True
    words = event.words
    x = 0.8 * draws.normal()
    if event.slot.legs == 3:
        gap = 0.36
        return [
            Leg("-" + words["homecode"], words["home"], x + gap, FAR),
            Leg("-" + words["awaycode"], words["away"], -FAR, x - gap),
            Leg("-TIE", "Tie", x - gap, x + gap),
        ]
    tie = 0.04  # about three games in a hundred
    return [
        Leg("-" + words["homecode"], words["home"], x, FAR, tie=tie),
        Leg("-" + words["awaycode"], words["away"], -FAR, x, tie=tie),
    ]


def _names(event: Event, draws: Draws, count: int) -> list[tuple[str, str]]:
    """Return distinct (code, label) pairs of the family's kind of outcome."""
    kind = event.family.labels
    pool: list[tuple[str, str]]
    if kind == "parties":
        pool = [
            ("D", "Democratic party"),
            ("R", "Republican party"),
            ("I", "Independent"),
            ("L", "Libertarian party"),
        ]
        return pool[:count]
    if kind == "teams":
        pool = list(_sides(event.family))
    elif kind == "companies":
        pool = list(COMPANIES)
    elif kind == "works":
        pool = [("".join(w[0] for w in work.split()) + str(i), work) for i, work in enumerate(WORKS)]
    elif kind == "words":
        pool = [("".join(c for c in word if c.isalpha())[:4].upper(), word) for word in SPOKEN_WORDS]
    else:
        start = draws.whole(0, 2499)
        chosen = [(start + 1511 * i) % 2500 for i in range(count)]
        pairs = [(FIRST_NAMES[i // 50], LAST_NAMES[i % 50]) for i in chosen]
        return [(_letters(first[0] + last[:3]), f"{first} {last}") for first, last in pairs]
    offset = draws.whole(0, len(pool) - 1)
    return [pool[(offset + i) % len(pool)] for i in range(min(count, len(pool)))]


def _distinct(names: list[tuple[str, str]]) -> list[tuple[str, str]]:
    seen: dict[str, int] = {}
    out = []
    for code, label in names:
        seen[code] = seen.get(code, 0) + 1
        out.append((code if seen[code] == 1 else f"{code}{seen[code]}", label))
    return out


def _menu(event: Event, draws: Draws) -> list[Leg]:
    event.exclusive = True
    names = _distinct(_names(event, draws, event.slot.legs))
    weights = [2.718281828 ** (1.3 * draws.normal()) for _ in names]
    unlisted = draws.between(0.01, 0.08) if len(names) > 3 else 0.004  # the list need not be exhaustive
    scale = (1 - unlisted) / sum(weights)
    legs, below = [], 0.0
    for (code, label), weight in zip(names, weights, strict=True):
        above = below + weight * scale
        legs.append(Leg("-" + code, label, _interval(below) if below else -FAR, _interval(above)))
        below = above
    return legs


def _factor(event: Event) -> float:
    """Return what the family's level is multiplied by for this event's entity: a Dogecoin is no Bitcoin."""
    underlying, entities = event.family.underlying, event.family.entities
    if underlying is None or not underlying.factors or event.slot.entity not in entities:
        return 1.0
    return underlying.factors[min(entities.index(event.slot.entity), len(underlying.factors) - 1)]


def _strikes(event: Event, count: int, draws: Draws) -> tuple[list[float], float, float, int]:
    """Return ``count`` round strikes about the middle, the level and spread they are measured by, and decimals."""
    underlying = event.family.underlying or Underlying(50, 10, 5)
    factor = _factor(event)
    spread, step, decimals = underlying.spread * factor, underlying.step * factor, underlying.decimals
    level = underlying.level * factor + 0.8 * spread * draws.normal()
    if factor != 1.0:  # keep strikes round after scaling
        exponent = int(f"{step:e}".split("e")[1])
        step = max(round(step / 10.0**exponent), 1) * 10.0**exponent
        decimals = max(decimals, -exponent)
    if count > 2:
        step = max(step, round(3.6 * spread / count / step) * step)
    base = round(level / step) * step - step * (count // 2)
    if underlying.level > 0 and not event.exclusive:
        base = max(base, step)
    offset = 0.5 if underlying.half else -0.01 if event.family.category == "Crypto" else 0.0
    places = decimals + (2 if event.family.category == "Crypto" else 0)  # 74299.99: dots in tickers
    return [round(base + i * step + offset, places) for i in range(count)], level, spread, decimals


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def _ladder(event: Event, draws: Draws) -> list[Leg]:
    family = event.family
    strikes, level, spread, decimals = _strikes(event, event.slot.legs, draws)
    form = family.underlying.form if family.underlying else "{}"
    less = family.strike_type == "greater" and draws.number() < 0.03
    legs = []
    for strike in strikes:
        x = (strike - level) / spread
        label = form.format(_number(strike, decimals), **event.words)
        text = f"{strike:g}" if abs(strike) < 1e5 else f"{strike:.{decimals}f}"
        if less:
            legs.append(Leg(f"-L{text}", label.replace("Above", "Below").replace("or above", "or below"), -FAR, x,
                            cap=strike, strike_type="less"))  # fmt: skip
        else:
            legs.append(Leg(f"-T{text}", label, x, FAR, floor=strike, strike_type=family.strike_type or "greater"))
    return legs


def _buckets(event: Event, draws: Draws) -> list[Leg]:
    event.exclusive = True
    family = event.family
    form = family.underlying.form if family.underlying else "{}"
    strikes, level, spread, decimals = _strikes(event, max(event.slot.legs - 1, 1), draws)
    cuts = [(strike - level) / spread for strike in strikes]
    show = [form.format(_number(strike, decimals)) for strike in strikes]
    legs = [Leg(f"-T{strikes[0]:g}", f"{show[0]} or below", -FAR, cuts[0], cap=strikes[0], strike_type="less")]
    legs += [
        Leg(f"-B{(low + high) / 2:g}", f"{text_low} to {text_high}", x, y, floor=low, cap=high, strike_type="between")
        for low, high, x, y, text_low, text_high in zip(
            strikes, strikes[1:], cuts, cuts[1:], show, show[1:], strict=False
        )
    ]
    legs.append(Leg(f"-T{strikes[-1]:g}", f"{show[-1]} or above", cuts[-1], FAR, floor=strikes[-1],
                    strike_type="greater"))  # fmt: skip
    if len(strikes) == 1:
        legs[-1].suffix = f"-A{strikes[-1]:g}"
    return legs[: event.slot.legs]


def _props(event: Event, draws: Draws) -> list[Leg]:
    underlying = event.family.underlying or Underlying(10, 4, 2)
    legs: list[Leg] = []
    group = 0
    while len(legs) < event.slot.legs:
        group += 1
        first, last = FIRST_NAMES[draws.whole(0, 49)], LAST_NAMES[draws.whole(0, 49)]
        code = _letters(event.words["homecode"] + first[0] + last)[:16]
        level = max(1.0, underlying.level + underlying.spread * draws.normal())
        for rung in range(min(draws.whole(2, 5), event.slot.legs - len(legs))):
            strike = max(1, round(level) + rung * int(underlying.step))
            x = (strike - 0.5 - level) / max(underlying.spread * 0.5, 1)
            legs.append(
                Leg(f"-{code}{group}-{strike}", f"{first} {last}: {strike}+", x, FAR, floor=strike - 0.5, group=group)
            )
    return legs


def _topics(event: Event, draws: Draws) -> list[Leg]:
    legs = []
    for group, (code, label) in enumerate(_distinct(_names(event, draws, event.slot.legs))):
        early = draws.number() < 0.12  # resolved while the event is still open
        life = draws.between(0.3, 0.95) if early else 1.0
        legs.append(Leg("-" + code, label, _interval(draws.number() ** 1.3), FAR, group=group + 1, life=life))
    return legs


def _deadlines(event: Event, draws: Draws) -> list[Leg]:
    event.reach = draws.between(0.15, 0.75)
    count = event.slot.legs
    legs = []
    for rung in range(count):
        share = (rung + 1) / count
        at = datetime.fromtimestamp(event.opens + share * event.slot.length, UTC)
        text = at.strftime("%b %d, %Y").replace(" 0", " ")
        legs.append(Leg(f"-{date_code(at)}", f"Before {text}", -FAR, _interval(event.reach * share), life=share))
    return legs


_SHAPES = {
    "binary": _binary,
    "game": _game,
    "menu": _menu,
    "ladder": _ladder,
    "buckets": _buckets,
    "props": _props,
    "topics": _topics,
    "deadlines": _deadlines,
}
