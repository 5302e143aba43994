-- The last refreshes, newest first.
SELECT * FROM refresh_log ORDER BY refresh_id DESC LIMIT $limit
