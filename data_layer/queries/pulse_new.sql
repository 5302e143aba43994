-- What opened in the last 24 hours, most traded first.
SELECT *
FROM market_list
WHERE status = 'active' AND open_time > $day_ago AND open_time <= $now
ORDER BY volume_24h_contracts DESC NULLS LAST, open_time DESC, ticker
LIMIT $limit
