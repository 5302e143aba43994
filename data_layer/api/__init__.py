"""The wire: client, rate limit, retry, pagination, strict decoding, and nothing else.

Belongs here: HTTP and what Kalshi's JSON looks like. Does not: Arrow, Parquet, SQL, what is done with the data.
"""
