-- One event: as it was stored, or what its markets say of it where only they were; its series beside it.
WITH legs AS (
    SELECT series_ticker, title FROM markets WHERE event_ticker = $event
    UNION ALL
    SELECT series_ticker, title FROM settled_markets WHERE event_ticker = $event
),
said AS (SELECT max(series_ticker) AS series_ticker, min(title) AS title, count(*) AS markets FROM legs)
SELECT
    $event AS event_ticker,
    coalesce(e.series_ticker, k.series_ticker) AS series_ticker,
    coalesce(e.title, k.title) AS title,
    e.sub_title, e.mutually_exclusive, e.strike_time, e.strike_period, e.competition, e.collateral_return_type,
    e.event_ticker IS NOT NULL AS is_stored,
    e.fetched_time,
    s.title AS series_title, coalesce(s.category, e.category) AS category, s.frequency,
    coalesce(e.fee_type_override, s.fee_type) AS fee_type,
    coalesce(e.fee_multiplier_override, s.fee_multiplier) AS fee_multiplier,
    coalesce(e.settlement_sources_json, s.settlement_sources_json) AS settlement_sources_json
FROM said AS k
LEFT JOIN events AS e ON e.event_ticker = $event
LEFT JOIN series AS s ON s.series_ticker = coalesce(e.series_ticker, k.series_ticker)
WHERE k.markets > 0 OR e.event_ticker IS NOT NULL
