-- The last refused rows, newest first.
SELECT * FROM rejects ORDER BY rejected_time DESC LIMIT $limit
