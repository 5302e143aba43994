-- When markets close, are expected to expire, or open: how many, and what they trade, by quarter of an hour of UTC (the
-- calendar adds quarters up to hours of a zone's clock). What has no place between now and the end of the range is
-- counted apart: later, before now (overdue), or without a time.
WITH placed AS (
    SELECT
        volume_24h_contracts, open_interest_contracts,
        CASE
            WHEN $kind = 'closes' THEN close_time
            WHEN $kind = 'expires' THEN expected_expiration_time
            ELSE open_time
        END AS time
    FROM market_list
    WHERE ($category = '' OR category = $category)
        AND CASE
            WHEN $kind = 'closes' THEN status IN ('active', 'inactive')
            WHEN $kind = 'expires' THEN status NOT IN ('finalized', 'settled')
            ELSE status = 'initialized'
        END
),
sorted AS (
    SELECT
        *,
        CASE
            WHEN time IS NULL THEN 'untimed'
            WHEN time < $now THEN 'before'
            WHEN time >= $until THEN 'later'
            ELSE 'within'
        END AS place
    FROM placed
)
SELECT
    place,
    CASE WHEN place = 'within' THEN CAST(floor(epoch(time) / 900) AS BIGINT) END AS quarter,
    count(*) AS entries,
    CAST(coalesce(sum(volume_24h_contracts), 0) AS DECIMAL(20, 2)) AS volume_24h_contracts,
    CAST(coalesce(sum(open_interest_contracts), 0) AS DECIMAL(20, 2)) AS open_interest_contracts
FROM sorted
GROUP BY place, quarter
ORDER BY place, quarter
