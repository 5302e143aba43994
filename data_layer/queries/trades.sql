-- The last stored trades of one market, newest first.
SELECT * FROM trades WHERE ticker = $ticker ORDER BY created_time DESC, trade_id LIMIT $limit
