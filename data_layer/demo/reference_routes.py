"""Answers about the exchange itself, series, milestones, targets and the search vocabulary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from data_layer.demo import reference
from data_layer.demo.answering import Answer, ApiError, bad_request, encode_cursor
from data_layer.demo.combos import COLLECTION, SERIES
from data_layer.demo.payloads import rfc3339

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Status(Answer):
    """GET /exchange/status."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return that all is well, on every shard."""
        well = {"exchange_active": True, "trading_active": True, "intra_exchange_transfers_active": True}
        shards = ("Default", "Combos", "Crypto & Commodities")
        return well | {
            "exchange_estimated_resume_time": None,
            "exchange_index_statuses": [
                {"exchange_index": index, "description": name} | well for index, name in enumerate(shards)
            ],
        }


class Schedule(Answer):
    """GET /exchange/schedule."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return round-the-clock hours but for early Thursday, in US Eastern time."""
        hours: dict[str, Any] = {day: [{"open_time": "00:00", "close_time": "00:00"}] for day in _WEEK}
        hours["thursday"] = [
            {"open_time": "00:00", "close_time": "03:00"},
            {"open_time": "05:00", "close_time": "00:00"},
        ]
        hours |= {"start_time": "2024-12-01T00:00:00Z", "end_time": "2200-12-01T00:00:00Z"}
        return {"schedule": {"standard_hours": [hours], "maintenance_windows": []}}


class UserDataTimestamp(Answer):
    """GET /exchange/user_data_timestamp."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return the present second."""
        return {"as_of_time": rfc3339(int(self.exchange.world.now()))}


class SeriesList(Answer):
    """GET /series."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return all series at once."""
        world = self.exchange.world
        category, tags = self.text("category"), self.listed("tags")
        metadata, volume, since = (
            self.flag("include_product_metadata"), self.flag("include_volume"), self.whole("min_updated_ts")
        )  # fmt: skip
        volumes = reference.series_volumes(world, world.now()) if volume else {}
        found = (
            reference.series_json(world, series, volumes.get(ticker), metadata)
            for ticker, series in world.series.items()
        )
        return {
            "series": [
                one
                for one in found
                if (category is None or category in one["categories"])
                and (tags is None or set(tags) & set(one["tags"] or ()))
                and (since is None or one["last_updated_ts"] > rfc3339(since))
            ]
        }


class OneSeries(Answer):
    """GET /series/{ticker}."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a series."""
        world = self.exchange.world
        series = world.series.get(parts[0])
        if series is None:
            raise ApiError(404, "not_found")
        wanted = self.flag("include_volume")
        volume = reference.series_volumes(world, world.now(), parts[0])[parts[0]] if wanted else None
        return {"series": reference.series_json(world, series, volume, metadata=True)}


class SeriesFeeChanges(Answer):
    """GET /series/fee_changes."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return changes of fees."""
        wanted, historical = self.text("series_ticker"), self.flag("show_historical")
        return {"series_fee_change_arr": reference.fee_changes(self.exchange.world, wanted, historical)}


class Milestones(Answer):
    """GET /milestones."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a page of games by start."""
        self.needed("limit")
        limit = self.limit(100, 500)
        start = self.text("minimum_start_date")
        if start is not None:
            try:
                start = rfc3339(datetime.fromisoformat(start).astimezone(UTC).timestamp())
            except ValueError as problem:
                raise bad_request("invalid minimum_start_date") from problem
        updated = self.whole("min_updated_ts")
        world = self.exchange.world
        stones = [
            stone
            for stone in reference.all_milestones(world, world.now())
            if all(self.text(name) in (None, stone[name]) for name in ("category", "type", "source_id"))
            and self.text("competition") in (None, stone["details"]["competition"])
            and (self.text("related_event_ticker") or stone["related_event_tickers"][0])
            in stone["related_event_tickers"]
            and (start is None or stone["start_date"] >= start)
            and (updated is None or stone["last_updated_ts"] > rfc3339(updated))
        ]
        return _sliced(self, "milestones", stones, limit)


class OneMilestone(Answer):
    """GET /milestones/{id}."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a game."""
        world = self.exchange.world
        for stone in reference.all_milestones(world, world.now()):
            if stone["id"] == parts[0]:
                return {"milestone": stone}
        raise ApiError(404, "not_found", flat=True)


class StructuredTargets(Answer):
    """GET /structured_targets."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a page of teams; note ``page_size`` for ``limit``."""
        size = self.limit(100, 2000, name="page_size")
        ids, kind, competition = self.get_query_arguments("ids"), self.text("type"), self.text("competition")
        found = [
            target
            for target in reference.structured_targets(self.exchange.world, self.exchange.world.now())
            if (not ids or target["id"] in ids)
            and kind in (None, target["type"])
            and (competition is None or competition in target["details"]["leagues"])
        ]
        return _sliced(self, "structured_targets", found, size)


class OneTarget(Answer):
    """GET /structured_targets/{id}."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a team."""
        for target in reference.structured_targets(self.exchange.world, self.exchange.world.now()):
            if target["id"] == parts[0]:
                return {"structured_target": target}
        raise ApiError(404, "not_found", flat=True)


def _sliced(answer: Answer, name: str, found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    after = answer.cursor(1)
    begin = int(after[0]) if after else 0
    end = begin + limit
    return {name: found[begin:end], "cursor": encode_cursor([end]) if end < len(found) else ""}


class TagsByCategories(Answer):
    """GET /search/tags_by_categories."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return the tags of every category."""
        return {"tags_by_categories": reference.tags_by_categories()}


class FiltersBySport(Answer):
    """GET /search/filters_by_sport."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return competitions and scopes."""
        sports, order = reference.filters_by_sport()
        return {"filters_by_sports": sports, "sport_ordering": order}


class IncentivePrograms(Answer):
    """GET /incentive_programs."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return that there are none; note ``next_cursor``."""
        return {"incentive_programs": [], "next_cursor": ""}


class Collections(Answer):
    """GET /multivariate_event_collections."""

    def reply(self, *parts: str) -> bytes:
        """Return the one collection combos are made from."""
        collection = {
            "collection_ticker": COLLECTION, "series_ticker": SERIES, "title": "Combo", "description": "Combos",
            "open_date": "2026-01-01T00:00:00Z", "close_date": "2027-01-01T00:00:00Z", "associated_events": [],
            "associated_event_tickers": [], "is_ordered": False, "is_single_market_per_event": True,
            "is_all_yes": False, "size_min": 2, "size_max": 10, "functional_description": "product of the legs",
            "price_level_structure": "deci_cent",
            "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0010"}],
        }  # fmt: skip
        return msgspec.json.encode({"multivariate_contracts": [collection], "cursor": ""})
