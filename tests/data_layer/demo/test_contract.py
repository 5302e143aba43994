"""Every answer fits Kalshi's own OpenAPI document, where that document is at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

NOW = 1_795_366_800
SHARED = Path(os.environ.get("KALSHI_SHARED_DIR", Path(__file__).resolve().parents[4] / "shared"))
SPEC = SHARED / "data" / "openapi-3.34.0.yaml"
pytestmark = pytest.mark.skipif(not SPEC.exists(), reason=f"Kalshi's OpenAPI document is not at {SPEC}")

# where recorded answers differ from the document, and the recordings are right
ALLOWED = {
    # recorded 2026-01-12: categories without tags have null, the document says array
    ("/search/tags_by_categories", "None is not of type 'array'"),
}
HOURLY = {"start_ts": NOW - 3 * 86400, "end_ts": NOW, "period_interval": 60}


def json_schema(part: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: ``nullable`` is a type, and nothing beside a $ref counts."""
    if isinstance(part, list):
        return [json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        plain: dict[str, Any] = {"$ref": part["$ref"]}
        return {"anyOf": [plain, {"type": "null"}]} if part.get("nullable") else plain
    out = {name: json_schema(value) for name, value in part.items() if name != "nullable"}
    if part.get("nullable") is True:
        return {"anyOf": [out, {"type": "null"}]}
    return out


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load(SPEC.read_text("utf-8"))


@pytest.fixture(scope="module")
def components(document) -> Any:
    return json_schema(document["components"])


@pytest.fixture(scope="module")
def names(ask, busiest) -> dict[str, str]:
    series, market = busiest[0]
    old = ask("/historical/markets", limit=1)["markets"][0]
    return {
        "series": series, "market": market["ticker"], "event": market["event_ticker"], "old": old["ticker"],
        "milestone": ask("/milestones", limit=1)["milestones"][0]["id"],
        "target": ask("/structured_targets", page_size=1)["structured_targets"][0]["id"],
    }  # fmt: skip


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("/exchange/status", "", {}),
    ("/exchange/schedule", "", {}),
    ("/exchange/user_data_timestamp", "", {}),
    ("/series", "", {"include_volume": "true", "include_product_metadata": "true"}),
    ("/series/{series_ticker}", "/series/{series}", {"include_volume": "true"}),
    ("/series/fee_changes", "", {"show_historical": "true"}),
    ("/events", "", {"with_nested_markets": "true", "with_milestones": "true"}),
    ("/events", "", {"status": "settled", "with_nested_markets": "true"}),
    ("/events/{event_ticker}", "/events/{event}", {}),
    ("/events/{event_ticker}", "/events/{event}", {"with_nested_markets": "true"}),
    ("/events/{event_ticker}/metadata", "/events/{event}/metadata", {}),
    ("/events/multivariate", "", {"with_nested_markets": "true"}),
    ("/events/fee_changes", "", {}),
    ("/markets", "", {"limit": 1000}),
    ("/markets", "", {"limit": 1000, "mve_filter": "exclude"}),
    ("/markets", "", {"limit": 1000, "status": "settled"}),
    ("/markets", "", {"limit": 1000, "status": "unopened"}),
    ("/markets/{ticker}", "/markets/{market}", {}),
    ("/markets/{ticker}/orderbook", "/markets/{market}/orderbook", {}),
    ("/markets/orderbooks", "", {"tickers": ["{market}", "NOSUCH"]}),
    ("/markets/trades", "", {"limit": 1000}),
    ("/markets/candlesticks", "", {"market_tickers": "{market}", "include_latest_before_start": "true", **HOURLY}),
    (
        "/series/{series_ticker}/markets/{ticker}/candlesticks",
        "/series/{series}/markets/{market}/candlesticks",
        {"include_latest_before_start": "true", **HOURLY},
    ),
    (
        "/series/{series_ticker}/events/{ticker}/candlesticks",
        "/series/{series}/events/{event}/candlesticks",
        HOURLY,
    ),
    ("/historical/cutoff", "", {}),
    ("/historical/markets", "", {"limit": 1000}),
    ("/historical/markets/{ticker}", "/historical/markets/{old}", {}),
    (
        "/historical/markets/{ticker}/candlesticks",
        "/historical/markets/{old}/candlesticks",
        {"start_ts": NOW - 200 * 86400, "end_ts": NOW, "period_interval": 60},
    ),
    ("/historical/trades", "", {"limit": 1000}),
    ("/milestones", "", {"limit": 100}),
    ("/milestones/{milestone_id}", "/milestones/{milestone}", {}),
    ("/structured_targets", "", {}),
    ("/structured_targets/{structured_target_id}", "/structured_targets/{target}", {}),
    ("/search/tags_by_categories", "", {}),
    ("/search/filters_by_sport", "", {}),
    ("/incentive_programs", "", {}),
    ("/multivariate_event_collections", "", {}),
]


@pytest.mark.parametrize(
    ("route", "path", "query"), CASES, ids=[f"{route}-{n}" for n, (route, _, _) in enumerate(CASES)]
)
def test_the_answer_fits_the_document(document, components, ask, names, route, path, query):
    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format_map(names) if isinstance(value, str) else value

    if "/historical/markets/{ticker}/candlesticks" in route:
        query = {**query, "end_ts": NOW - 20 * 86400, "start_ts": NOW - 200 * 86400}
    answer = ask(filled(path or route), **{name: filled(value) for name, value in query.items()})
    declared = document["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = {**json_schema(declared), "components": components}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    wrong = {
        f"{list(error.absolute_path)}: {error.message[:200]}"
        for error in checker.iter_errors(answer)
        if (route, error.message) not in ALLOWED
    }
    assert not wrong, sorted(wrong)[:5]


def test_no_answer_carries_fields_the_document_does_not_know(document, ask, open_markets):
    """Fields that were removed must not come back; a market and an event have only known ones."""
    schemas = document["components"]["schemas"]
    market, event = set(schemas["Market"]["properties"]), set(schemas["EventData"]["properties"])
    assert all(set(one) <= market for one in open_markets)
    assert all(set(one) <= event for one in ask("/events", with_nested_markets="true")["events"])
    combo = ask("/markets", limit=1, mve_filter="only")["markets"][0]
    assert set(combo) <= market
    assert set(ask("/series")["series"][0]) <= set(schemas["Series"]["properties"])
    assert set(ask("/markets/trades", limit=1)["trades"][0]) <= set(schemas["Trade"]["properties"])


def test_every_public_get_of_the_document_is_there_or_named_here(document, ask):
    left_out = {"/account/endpoint_costs"} | {path for path in document["paths"] if path.startswith("/live_data")}
    missing = []
    for path, methods in document["paths"].items():
        get = methods.get("get")
        if (
            not get
            or get.get("security")
            or path in left_out
            or path.startswith(("/portfolio", "/fcm", "/communications"))
        ):
            continue
        example = path.replace("{", "").replace("}", "")
        if ask.raw(example).text.startswith("404 page not found"):
            missing.append(path)
    assert set(missing) <= {"/multivariate_event_collections/{collection_ticker}"}
