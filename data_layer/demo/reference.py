"""Things beside the markets: series, milestones, structured targets and the search vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from data_layer.demo.events import Event
from data_layer.demo.families import Family
from data_layer.demo.paths import traded_by
from data_layer.demo.payloads import contracts, rfc3339, sources_of, target_id
from data_layer.demo.quotes import ticks_published
from data_layer.demo.randomness import Draws, seed_of
from data_layer.demo.vocabulary import CITIES, LEAGUES, TAGS
from data_layer.demo.wording import participant, participant_key
from data_layer.demo.world import DAY, Series, World

_DOCS = "https://example.invalid/simulated-exchange"


def series_json(world: World, series: Series, volume: int | None, metadata: bool) -> dict[str, Any]:
    """Return a series; ``volume`` in hundredths of a contract, None to leave it out."""
    family = series.family
    draws = Draws(series.seed)
    title = family.title.replace("{entity}", series.entity[1])
    fields: dict[str, Any] = {
        "ticker": series.ticker,
        "title": title,
        "frequency": family.frequency,
        "category": family.category,
        "categories": [family.category] + (["Politics"] if family.category == "Elections" else []),
        "tags": [family.tag] if family.tag else None,
        "settlement_sources": sources_of(family.category) if draws.number() > 0.02 else None,
        "contract_url": f"{_DOCS}/product-certifications/{series.ticker}.pdf",
        "contract_terms_url": f"{_DOCS}/contract_terms/{series.ticker}.pdf",
        "fee_type": _fee_type(family),
        "fee_multiplier": 0 if draws.number() < 0.004 else family.fee_multiplier,
        "additional_prohibitions": [
            "Paid employees of the league and league participants",
            "Persons who hold any material, non-public information on <event> are not permitted to trade.",
        ]
        if draws.number() < 0.7
        else None,
        "last_updated_ts": rfc3339(world.started - draws.number() ** 3 * 400 * DAY),
        "exchange_index": 2 if family.category in ("Crypto", "Commodities") else 0,
    }
    if metadata:
        fields["product_metadata"] = {"scope": "Game"} if family.live_hours else {}
    if volume is not None:
        fields["volume_fp"] = contracts(volume)
    return fields


def _fee_type(family: Family) -> str:
    if family.category == "Exotics":
        return "quadratic_with_combo_maker_fees"
    return "quadratic_with_maker_fees" if family.maker_fees else "quadratic"


def series_volumes(world: World, now: float, only: str | None = None) -> dict[str, int]:
    """Return what has been traded in each series, in hundredths of a contract, forgotten events included."""
    events = world.series_events.get(only, []) if only else range(len(world.events))
    numbers = np.array(list(events), np.int64)
    rows = np.flatnonzero(np.isin(world.columns.event, numbers)) if only else np.arange(world.columns.rows)
    c = world.columns
    totals = np.zeros(len(world.events), np.int64)
    if rows.size:
        _, units = traded_by(c.life(rows), ticks_published(c, rows, now))
        np.add.at(totals, c.event[rows], units * c.unit[rows])
    names = [only] if only else list(world.series)
    return {
        name: int(totals[world.series_events.get(name, [])].sum())
        + int(np.exp(Draws(seed_of(world.seed, "past", name)).normal() * 3 + 13)) * 100
        for name in names
    }


def fee_changes(world: World, wanted: str | None, historical: bool) -> list[dict[str, Any]]:
    """Return announced (and, with ``historical``, past) changes of series' fees."""
    out = []
    for series in world.series.values():
        if series.seed % 211 or (wanted and series.ticker != wanted):
            continue
        draws = Draws(seed_of(series.seed, "fee"))
        at = int(world.started) // DAY * DAY + draws.whole(-90, 60) * DAY
        if at < world.started and not historical:
            continue
        out.append({
            "id": draws.uuid(), "series_ticker": series.ticker, "fee_type": "quadratic_with_maker_fees",
            "fee_multiplier": (0.5, 1)[draws.whole(0, 1)], "scheduled_ts": rfc3339(at),
        })  # fmt: skip
    return out


def milestones_of(world: World, events: Iterable[Event], now: float) -> list[dict[str, Any]]:
    """Return the milestones (games) that events belong to, once each."""
    seen: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.family.league and event.family.live_hours:
            stone = milestone(world, event, now)
            seen.setdefault(stone["id"], stone)
    return list(seen.values())


def milestone(world: World, event: Event, now: float) -> dict[str, Any]:
    """Return the game an event is about; events on the same game share it."""
    code, competition, sport, kind = event.family.league or ("", "", "", "")
    stamp = event.ticker.split("-", 1)[1]
    draws = Draws(seed_of(world.seed, "milestone", code, stamp))
    known = [name for name in world.games[code, stamp] if world.exists(world.event_rows[name], now)]
    related = sorted(known, key=lambda name: ("GAME-" not in name, name))
    start = event.ends - event.family.live_hours * 3600
    words = event.words
    return {
        "id": draws.uuid(),
        "category": "Esports" if sport == "Esports" else "Sports",
        "type": f"{kind}_game" if kind not in ("soccer",) else "soccer_tournament_multi_leg",
        "start_date": rfc3339(start),
        "end_date": None,
        "related_event_tickers": related,
        "primary_event_tickers": related[:1],
        "title": f"{words['home']} vs {words['away']}",
        "notification_message": "Who will emerge victorious?",
        "source_id": draws.uuid(),
        "details": {
            "league": code,
            "competition": competition,
            "home_team_id": target_id(words["home"]),
            "away_team_id": target_id(words["away"]),
            "status": "created" if now < start else "inprogress",
        },
        "last_updated_ts": rfc3339(min(now, start) - 3600.4242),
    }


def all_milestones(world: World, now: float) -> list[dict[str, Any]]:
    """Return the games of the last month and those to come, by start."""
    status = world.event_status(now)
    ends = world.event_ends()
    rows = np.flatnonzero((status >= 0) & (ends > now - 30 * DAY))
    stones = milestones_of(world, (world.events[row] for row in rows.tolist()), now)
    return sorted(stones, key=lambda stone: (stone["start_date"], stone["id"]))


def structured_targets(world: World, now: float) -> list[dict[str, Any]]:
    """Return the teams and players that the open markets' ``custom_strike`` names by id, by id."""
    found: dict[str, dict[str, Any]] = {}
    for row in np.flatnonzero(world.event_status(now) == 1).tolist():
        event = world.events[row]
        for leg in event.legs if event.family.strike_type == "structured" else ():
            name = participant(leg)
            target = found.setdefault(target_id(name), _target(name, participant_key(event.family)))
            leagues = target["details"]["leagues"]
            league = event.family.league[0] if event.family.league else "PGA"
            if league not in leagues:
                leagues.append(league)
    return sorted(found.values(), key=lambda target: target["id"])


def _target(name: str, kind: str) -> dict[str, Any]:
    codes = {city: code for code, city in CITIES}
    return {
        "id": target_id(name),
        "name": name,
        "type": kind,
        "details": {"abbreviation": codes.get(name, name[:3].upper()), "leagues": [], "short_name": name},
        "source_id": f"sr:competitor:{seed_of('competitor', name) % 10**6}",
        "last_updated_ts": "2026-01-14T16:18:22.010322Z",
    }


def tags_by_categories() -> dict[str, list[str] | None]:
    """Return the tags of every category, null where it has none."""
    return {category: list(tags) if tags else None for category, tags in TAGS.items()}


def filters_by_sport() -> tuple[dict[str, Any], list[str]]:
    """Return competitions and scopes by sport, and the order sports are shown in."""
    scopes = ["Games", "Futures", "Awards", "Events"]
    sports: dict[str, Any] = {"All sports": {"competitions": {}, "scopes": scopes}}
    for _, competition, sport, _ in LEAGUES:
        entry = sports.setdefault(sport, {"competitions": {}, "scopes": scopes})
        entry["competitions"][competition] = {"scopes": scopes[:3]}
    return sports, list(sports)
