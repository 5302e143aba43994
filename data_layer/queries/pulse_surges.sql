-- Where trading picked up: contracts of the last 24 hours against the mean day of the week before (mean_days.sql). A
-- market without that history has no surge, and is not in this list.
SELECT m.*, d.mean_daily_contracts, m.volume_24h_contracts / d.mean_daily_contracts AS surge
FROM market_list AS m
JOIN mean_days AS d ON d.ticker = m.ticker
WHERE m.status = 'active'
    AND d.mean_daily_contracts > 0
    AND m.volume_24h_contracts > d.mean_daily_contracts
    AND m.volume_24h_contracts >= $volume_24h_min
ORDER BY surge DESC, m.ticker
LIMIT $limit
