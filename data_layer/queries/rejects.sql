-- The last refused rows, newest first.
SELECT * FROM rejects ORDER BY rejected_time DESC, table_name, key, rule LIMIT $limit
