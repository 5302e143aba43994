-- Watched markets out of the settled history, in the columns of the list of markets as far as they have them.
WITH found AS (
    SELECT *, row_number() OVER (PARTITION BY ticker ORDER BY fetched_time DESC) AS place
    FROM settled_markets
    WHERE list_contains($tickers, ticker)
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
