-- What is open of each series and how active it is: read by the list of series, asked once for all its pages.
SELECT
    series_ticker,
    max(series_title) AS title,
    max(category) AS category,
    count(*) FILTER (WHERE status = 'active') AS open_markets,
    count(DISTINCT CASE WHEN status = 'active' THEN event_ticker END) AS open_events,
    CAST(sum(volume_24h_contracts) AS DECIMAL(18, 2)) AS volume_24h_contracts,
    CAST(sum(open_interest_contracts) AS DECIMAL(18, 2)) AS open_interest_contracts
FROM market_list
WHERE series_ticker IS NOT NULL
GROUP BY series_ticker
