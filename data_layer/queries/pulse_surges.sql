-- Where trading picked up: contracts of the last 24 hours against the mean day of the seven days before, from at least
-- three whole US-Eastern days in the lake. A market without that history has no surge, and is not in this list.
WITH before AS (
    SELECT
        ticker,
        CAST(sum(volume_contracts) AS DOUBLE) / $days AS mean_daily_contracts,
        count(*) AS days_seen,
        min(day) AS first_day
    FROM daily_rollup
    WHERE day >= $first_day AND day <= $last_day
    GROUP BY ticker
)
SELECT m.*, b.mean_daily_contracts, m.volume_24h_contracts / b.mean_daily_contracts AS surge
FROM market_list AS m
JOIN before AS b ON b.ticker = m.ticker
WHERE m.status = 'active'
    AND b.days_seen >= $days_min
    AND b.mean_daily_contracts > 0
    AND m.volume_24h_contracts > b.mean_daily_contracts
    AND m.volume_24h_contracts >= $volume_24h_min
ORDER BY surge DESC, m.ticker
LIMIT $limit
