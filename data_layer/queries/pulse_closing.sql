-- What is expected to end next, of what trades: of every event its most traded market, and how many more
-- (`event_markets` counts them all), or the strikes of one ladder would fill the list.
SELECT * EXCLUDE (place)
FROM (
    SELECT
        *,
        count(*) OVER (PARTITION BY event_ticker, expected_time) AS event_markets,
        row_number() OVER (
            PARTITION BY event_ticker, expected_time ORDER BY volume_24h_contracts DESC, ticker
        ) AS place
    FROM market_list
    WHERE status = 'active' AND expected_time > $now AND volume_24h_contracts > 0
) AS ranked
WHERE place = 1
ORDER BY expected_time, volume_24h_contracts DESC, ticker
LIMIT $limit
