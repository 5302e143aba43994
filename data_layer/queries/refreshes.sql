-- The last refreshes, newest first.
SELECT * FROM refresh_log ORDER BY started_time DESC LIMIT $limit
