-- Where trading picked up: contracts of the last 24 hours against the mean day of the seven days before, or of as many
-- of them as the market was open, from at least three whole US-Eastern days in the lake. A market without that history
-- has no surge, and is not in this list.
WITH before AS (
    SELECT
        ticker,
        CAST(sum(volume_contracts) AS DOUBLE) AS prior_contracts,
        count(*) AS days_seen
    FROM daily_rollup
    WHERE day >= $first_day AND day <= $last_day
    GROUP BY ticker
),
measured AS (
    SELECT
        m.*,
        b.days_seen,
        -- A market that opened on Monday has no week before: what it did not live through does not count as quiet days.
        b.prior_contracts / greatest(
            b.days_seen,
            least($days, coalesce(
                date_diff('day', CAST(m.open_time AT TIME ZONE 'America/New_York' AS DATE), $last_day) + 1, $days
            ))
        ) AS mean_daily_contracts
    FROM market_list AS m
    JOIN before AS b ON b.ticker = m.ticker
)
SELECT * EXCLUDE (days_seen), volume_24h_contracts / mean_daily_contracts AS surge
FROM measured
WHERE status = 'active'
    AND days_seen >= $days_min
    AND mean_daily_contracts > 0
    AND volume_24h_contracts > mean_daily_contracts
    AND volume_24h_contracts >= $volume_24h_min
ORDER BY surge DESC, ticker
LIMIT $limit
