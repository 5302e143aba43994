-- When each table last got rows: its own newest time, or that of the refresh that brings it.
SELECT 'markets' AS table_name, (SELECT max(fetched_time) FROM markets) AS newest
UNION ALL SELECT 'events', (SELECT max(fetched_time) FROM events)
UNION ALL SELECT 'series', (SELECT max(fetched_time) FROM series)
UNION ALL SELECT 'quotes', (SELECT max(observed_time) FROM quotes)
UNION ALL SELECT 'candlesticks', (SELECT max(end_time) FROM candlesticks)
UNION ALL SELECT 'trades', (SELECT max(created_time) FROM trades)
UNION ALL SELECT 'order_books', (SELECT max(observed_time) FROM order_books)
UNION ALL SELECT 'settled_markets', (SELECT max(fetched_time) FROM settled_markets)
UNION ALL SELECT 'settlement_facts', (SELECT max(settlement_time) FROM settlement_facts)
UNION ALL SELECT 'rejects', (SELECT max(rejected_time) FROM rejects)
UNION ALL SELECT 'refresh_log', (SELECT max(finished_time) FROM refresh_log)
