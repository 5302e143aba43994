-- What is expected to end next, of what trades.
SELECT *
FROM market_list
WHERE status = 'active' AND expected_time > $now AND volume_24h_contracts > 0
ORDER BY expected_time, volume_24h_contracts DESC, ticker
LIMIT $limit
