-- Watched markets that are decided, in the columns of the list of markets as far as they have them: out of the settled
-- history, or of the last crawl where that is the only one to know the result.
WITH decided AS (
    SELECT *, 1 AS origin FROM settled_markets WHERE list_contains($tickers, ticker)
    UNION ALL BY NAME
    SELECT *, 2 AS origin FROM markets WHERE list_contains($tickers, ticker) AND result IS NOT NULL
),
found AS (
    SELECT *, row_number() OVER (PARTITION BY ticker ORDER BY origin, fetched_time DESC) AS place
    FROM decided
)
SELECT
    m.ticker, m.event_ticker, coalesce(m.series_ticker, e.series_ticker) AS series_ticker,
    coalesce(s.category, e.category) AS category,
    coalesce(m.title, e.title, m.ticker) AS title, m.yes_sub_title AS outcome,
    e.title AS event_title, s.title AS series_title,
    m.status, 'none' AS quote_quality, m.last_price_dollars,
    m.volume_contracts, m.volume_24h_contracts, m.open_interest_contracts,
    m.close_time, coalesce(m.settlement_time, m.close_time) AS expected_time, m.open_time, m.tick_dollars,
    m.fetched_time AS quote_time,
    m.result, m.settlement_value_dollars, m.settlement_time
FROM found AS m
LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
LEFT JOIN series AS s ON s.series_ticker = coalesce(m.series_ticker, e.series_ticker)
WHERE m.place = 1
ORDER BY m.ticker
