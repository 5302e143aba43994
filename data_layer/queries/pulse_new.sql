-- What opened in the last 24 hours, most traded first: of every event its most traded market, and how many more
-- (`event_markets` counts them all).
SELECT * EXCLUDE (place)
FROM (
    SELECT
        *,
        count(*) OVER (PARTITION BY event_ticker) AS event_markets,
        row_number() OVER (
            PARTITION BY event_ticker ORDER BY volume_24h_contracts DESC NULLS LAST, open_time DESC, ticker
        ) AS place
    FROM market_list
    WHERE status = 'active' AND open_time > $day_ago AND open_time <= $now
) AS ranked
WHERE place = 1
ORDER BY volume_24h_contracts DESC NULLS LAST, open_time DESC, ticker
LIMIT $limit
