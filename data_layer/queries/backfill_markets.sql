-- Which markets a backfill fetches: the named ones, else the most traded of those that are open, or that settled.
WITH candidates AS (
    SELECT ticker, series_ticker, CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS settlement_time,
        volume_24h_contracts AS traded, 'open' AS scope
    FROM market_list
    WHERE status = 'active'
    UNION ALL
    SELECT ticker, series_ticker, settlement_time, volume_contracts AS traded, 'settled' AS scope
    FROM settled_markets
)
SELECT ticker, series_ticker, settlement_time
FROM (
    SELECT *, row_number() OVER (PARTITION BY ticker ORDER BY settlement_time DESC NULLS LAST) AS place
    FROM candidates
) AS found
WHERE place = 1
    AND CASE WHEN len($tickers) > 0 THEN list_contains($tickers, ticker) ELSE scope = $scope END
    AND (len($series) = 0 OR len($tickers) > 0 OR list_contains($series, series_ticker))
ORDER BY traded DESC NULLS LAST, ticker
LIMIT $limit
