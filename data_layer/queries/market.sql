-- One market with everything that is stored of it: the open universe first, then the settled history.
WITH found AS (
    SELECT *, 1 AS place FROM markets WHERE ticker = $ticker
    UNION ALL BY NAME
    SELECT * EXCLUDE (month), 2 AS place FROM settled_markets WHERE ticker = $ticker
),
one AS (SELECT * FROM found ORDER BY place, fetched_time DESC LIMIT 1)
SELECT
    m.* EXCLUDE (
        place, series_ticker, status, yes_bid_dollars, yes_ask_dollars, yes_bid_size_contracts,
        yes_ask_size_contracts, last_price_dollars, volume_contracts, volume_24h_contracts,
        open_interest_contracts
    ),
    coalesce(m.series_ticker, e.series_ticker) AS series_ticker,
    coalesce(l.status, m.status) AS status,
    CASE WHEN l.ticker IS NULL THEN m.yes_bid_dollars ELSE l.yes_bid_dollars END AS yes_bid_dollars,
    CASE WHEN l.ticker IS NULL THEN m.yes_ask_dollars ELSE l.yes_ask_dollars END AS yes_ask_dollars,
    CASE WHEN l.ticker IS NULL THEN m.yes_bid_size_contracts ELSE l.yes_bid_size_contracts END
        AS yes_bid_size_contracts,
    CASE WHEN l.ticker IS NULL THEN m.yes_ask_size_contracts ELSE l.yes_ask_size_contracts END
        AS yes_ask_size_contracts,
    coalesce(l.last_price_dollars, m.last_price_dollars) AS last_price_dollars,
    coalesce(l.volume_contracts, m.volume_contracts) AS volume_contracts,
    coalesce(l.volume_24h_contracts, m.volume_24h_contracts) AS volume_24h_contracts,
    coalesce(l.open_interest_contracts, m.open_interest_contracts) AS open_interest_contracts,
    l.spread_dollars, l.probability, coalesce(l.quote_quality, 'none') AS quote_quality, l.change_24h_pp,
    coalesce(l.expected_time, m.close_time) AS expected_time,
    coalesce(l.quote_time, m.fetched_time) AS quote_time,
    e.title AS event_title, e.sub_title AS event_sub_title, e.mutually_exclusive,
    s.title AS series_title, coalesce(s.category, e.category) AS category,
    coalesce(e.fee_type_override, s.fee_type) AS fee_type,
    coalesce(e.fee_multiplier_override, s.fee_multiplier) AS fee_multiplier,
    coalesce(e.settlement_sources_json, s.settlement_sources_json) AS settlement_sources_json
FROM one AS m
LEFT JOIN market_list AS l ON l.ticker = m.ticker AND m.place = 1
LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
LEFT JOIN series AS s ON s.series_ticker = coalesce(m.series_ticker, e.series_ticker)
