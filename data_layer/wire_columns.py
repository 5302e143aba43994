"""Where each stored column comes from on the wire: column -> (wire attribute, kind). Others are derived in `parsing`.

`a.b` is attribute b of part a. The kinds are those that `parsing` casts: text, price, count, money, time, json, …
"""

from __future__ import annotations

MARKET: dict[str, tuple[str, str]] = {
    "ticker": ("ticker", "text"),
    "event_ticker": ("event_ticker", "text"),
    "market_type": ("market_type", "text"),
    "status": ("status", "text"),
    "title": ("title", "text"),
    "subtitle": ("subtitle", "text"),
    "yes_sub_title": ("yes_sub_title", "text"),
    "no_sub_title": ("no_sub_title", "text"),
    "yes_bid_dollars": ("yes_bid_dollars", "price"),
    "yes_bid_size_contracts": ("yes_bid_size_fp", "count"),
    "yes_ask_dollars": ("yes_ask_dollars", "price"),
    "yes_ask_size_contracts": ("yes_ask_size_fp", "count"),
    "last_price_dollars": ("last_price_dollars", "price"),
    "volume_contracts": ("volume_fp", "count"),
    "volume_24h_contracts": ("volume_24h_fp", "count"),
    "open_interest_contracts": ("open_interest_fp", "count"),
    "previous_yes_bid_dollars": ("previous_yes_bid_dollars", "price"),
    "previous_yes_ask_dollars": ("previous_yes_ask_dollars", "price"),
    "previous_price_dollars": ("previous_price_dollars", "price"),
    "notional_value_dollars": ("notional_value_dollars", "money"),
    "created_time": ("created_time", "time"),
    "updated_time": ("updated_time", "time"),
    "open_time": ("open_time", "time"),
    "close_time": ("close_time", "time"),
    "expected_expiration_time": ("expected_expiration_time", "time"),
    "latest_expiration_time": ("latest_expiration_time", "time"),
    "occurrence_time": ("occurrence_datetime", "time"),
    "settlement_time": ("settlement_ts", "time"),
    "fee_waiver_expiration_time": ("fee_waiver_expiration_time", "time"),
    "settlement_timer_seconds": ("settlement_timer_seconds", "int"),
    "can_close_early": ("can_close_early", "bool"),
    "early_close_condition": ("early_close_condition", "text"),
    "strike_type": ("strike_type", "text"),
    "floor_strike": ("floor_strike", "float"),
    "cap_strike": ("cap_strike", "float"),
    "functional_strike": ("functional_strike", "text"),
    "custom_strike_json": ("custom_strike", "json"),
    "rules_primary": ("rules_primary", "text"),
    "rules_secondary": ("rules_secondary", "text"),
    "price_level_structure": ("price_level_structure", "text"),
    "result": ("result", "text"),
    "settlement_value_dollars": ("settlement_value_dollars", "money"),
    "expiration_value": ("expiration_value", "text"),
    "settlement_bounds_type": ("settlement_bounds_type", "text"),
    "settlement_floor_dollars": ("settlement_floor_dollars", "money"),
    "is_provisional": ("is_provisional", "bool"),
    "primary_participant_key": ("primary_participant_key", "text"),
    "mve_collection_ticker": ("mve_collection_ticker", "text"),
    "exchange_index": ("exchange_index", "int"),
}
EVENT: dict[str, tuple[str, str]] = {
    "event_ticker": ("event_ticker", "text"),
    "series_ticker": ("series_ticker", "text"),
    "title": ("title", "text"),
    "sub_title": ("sub_title", "text"),
    "category": ("category", "text"),
    "collateral_return_type": ("collateral_return_type", "text"),
    "mutually_exclusive": ("mutually_exclusive", "bool"),
    "strike_time": ("strike_date", "time"),
    "strike_period": ("strike_period", "text"),
    "settlement_sources_json": ("settlement_sources", "json"),
    "fee_type_override": ("fee_type_override", "text"),
    "fee_multiplier_override": ("fee_multiplier_override", "float"),
    "exchange_index": ("exchange_index", "int"),
    "last_updated_time": ("last_updated_ts", "time"),
}
SERIES: dict[str, tuple[str, str]] = {
    "series_ticker": ("ticker", "text"),
    "title": ("title", "text"),
    "frequency": ("frequency", "text"),
    "category": ("category", "text"),
    "categories": ("categories", "texts"),
    "tags": ("tags", "texts"),
    "settlement_sources_json": ("settlement_sources", "json"),
    "contract_url": ("contract_url", "text"),
    "contract_terms_url": ("contract_terms_url", "text"),
    "fee_type": ("fee_type", "text"),
    "fee_multiplier": ("fee_multiplier", "float"),
    "additional_prohibitions_json": ("additional_prohibitions", "json"),
    "volume_contracts": ("volume_fp", "count"),
    "exchange_index": ("exchange_index", "int"),
    "last_updated_time": ("last_updated_ts", "time"),
}
MILESTONE: dict[str, tuple[str, str]] = {
    "milestone_id": ("id", "text"),
    "title": ("title", "text"),
    "category": ("category", "text"),
    "type": ("type", "text"),
    "start_time": ("start_date", "time"),
    "end_time": ("end_date", "time"),
    "related_event_tickers": ("related_event_tickers", "texts"),
    "primary_event_tickers": ("primary_event_tickers", "texts"),
    "last_updated_time": ("last_updated_ts", "time"),
}
TRADE: dict[str, tuple[str, str]] = {
    "trade_id": ("trade_id", "text"),
    "ticker": ("ticker", "text"),
    "created_time": ("created_time", "time"),
    "count_contracts": ("count_fp", "count"),
    "yes_price_dollars": ("yes_price_dollars", "price"),
    "no_price_dollars": ("no_price_dollars", "price"),
    "taker_outcome_side": ("taker_outcome_side", "text"),
    "taker_book_side": ("taker_book_side", "text"),
    "is_block_trade": ("is_block_trade", "bool"),
}
CANDLESTICK: dict[str, tuple[str, str]] = {
    **{
        f"{ours}_{word}_dollars": (f"{wire}.{word}_dollars", "price")
        for ours, wire in (("price", "price"), ("yes_bid", "yes_bid"), ("yes_ask", "yes_ask"))
        for word in ("open", "high", "low", "close")
    },
    "price_mean_dollars": ("price.mean_dollars", "price"),
    "price_previous_dollars": ("price.previous_dollars", "price"),
    "volume_contracts": ("volume_fp", "count"),
    "open_interest_contracts": ("open_interest_fp", "count"),
}

ORDER_BOOK: dict[str, tuple[str, str]] = {
    "side": ("side", "text"),
    "price_dollars": ("price", "price"),
    "count_contracts": ("count", "count"),
}
