-- How many open markets have the history that a surge is measured against, and how many have any.
SELECT
    count(*) AS markets,
    count(*) FILTER (WHERE days_seen >= $days_min) AS measured_markets
FROM (
    SELECT ticker, count(*) AS days_seen
    FROM daily_rollup
    WHERE day >= $first_day AND day <= $last_day
    GROUP BY ticker
) AS before
WHERE ticker IN (SELECT ticker FROM market_list WHERE status = 'active')
