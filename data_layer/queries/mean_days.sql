-- What open markets traded on the mean day of the week before, or of as many of its days as they were open: null with
-- fewer whole US-Eastern days in the lake than it takes.
WITH before AS (
    SELECT ticker, CAST(sum(volume_contracts) AS DOUBLE) AS prior_contracts, count(*) AS days_seen
    FROM daily_rollup
    WHERE day >= $first_day AND day <= $last_day
    GROUP BY ticker
)
SELECT
    b.ticker,
    -- A market that opened on Monday has no week before: what it did not live through does not count as quiet days.
    CASE
        WHEN b.days_seen >= $days_min
            THEN b.prior_contracts / greatest(
                b.days_seen,
                least($days, coalesce(
                    date_diff('day', CAST(m.open_time AT TIME ZONE 'America/New_York' AS DATE), $last_day) + 1, $days
                ))
            )
    END AS mean_daily_contracts
FROM before AS b
JOIN market_list AS m ON m.ticker = b.ticker
WHERE m.status = 'active'
