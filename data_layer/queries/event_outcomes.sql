-- Every outcome of one event, open and settled, with its quote as in the list of markets. A market that settled since
-- the last crawl counts as settled. Where outcomes exclude each other the likeliest leads, else the most traded.
WITH found AS (
    SELECT *, 1 AS place FROM markets WHERE event_ticker = $event
    UNION ALL BY NAME
    SELECT * EXCLUDE (month), 2 AS place FROM settled_markets WHERE event_ticker = $event
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY ticker ORDER BY result IS NOT NULL DESC, place, fetched_time DESC) AS turn
    FROM found
)
SELECT
    m.ticker, coalesce(m.series_ticker, e.series_ticker) AS series_ticker, m.title, m.yes_sub_title AS outcome, m.market_type, m.result, m.settlement_value_dollars,
    CASE WHEN m.place = 1 THEN coalesce(l.status, m.status) ELSE m.status END AS status,
    CASE WHEN m.place = 1 THEN l.yes_bid_dollars END AS yes_bid_dollars,
    CASE WHEN m.place = 1 THEN l.yes_ask_dollars END AS yes_ask_dollars,
    CASE WHEN m.place = 1 THEN l.yes_bid_size_contracts END AS yes_bid_size_contracts,
    CASE WHEN m.place = 1 THEN l.yes_ask_size_contracts END AS yes_ask_size_contracts,
    CASE WHEN m.place = 1 THEN l.spread_dollars END AS spread_dollars,
    CASE WHEN m.place = 1 THEN l.probability END AS probability,
    CASE WHEN m.place = 1 THEN coalesce(l.quote_quality, 'none') ELSE 'none' END AS quote_quality,
    CASE WHEN m.place = 1 THEN l.change_24h_pp END AS change_24h_pp,
    CASE WHEN m.place = 1 THEN coalesce(l.last_price_dollars, m.last_price_dollars) ELSE m.last_price_dollars END
        AS last_price_dollars,
    CASE WHEN m.place = 1 THEN coalesce(l.volume_contracts, m.volume_contracts) ELSE m.volume_contracts END
        AS volume_contracts,
    CASE WHEN m.place = 1 THEN coalesce(l.volume_24h_contracts, m.volume_24h_contracts) END AS volume_24h_contracts,
    CASE WHEN m.place = 1 THEN coalesce(l.open_interest_contracts, m.open_interest_contracts)
        ELSE m.open_interest_contracts
    END AS open_interest_contracts,
    coalesce(l.expected_time, m.close_time) AS expected_time,
    coalesce(l.quote_time, m.fetched_time) AS quote_time,
    m.tick_dollars, m.open_time, m.close_time, m.settlement_time, m.expiration_value,
    m.rules_primary, m.rules_secondary, m.can_close_early, m.early_close_condition, m.settlement_timer_seconds
FROM ranked AS m
LEFT JOIN market_list AS l ON l.ticker = m.ticker AND m.place = 1
LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
WHERE m.turn = 1
ORDER BY
    CASE
        WHEN NOT coalesce(e.mutually_exclusive, FALSE) THEN NULL
        WHEN m.result IS NOT NULL THEN CAST(m.settlement_value_dollars AS DECIMAL(10, 5))
        WHEN m.place = 1 THEN l.probability
    END DESC NULLS LAST,
    CASE WHEN m.place = 1 THEN l.volume_24h_contracts END DESC NULLS LAST,
    m.volume_contracts DESC NULLS LAST,
    m.ticker
