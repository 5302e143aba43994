-- How much is stored: for the badge and the health routes. Settled markets stay in the list for a day as they were, so
-- they say nothing of the age of the others.
SELECT
    count(*) FILTER (WHERE status = 'active') AS open_markets,
    coalesce(min(fetched_time) FILTER (WHERE status <> 'finalized'), min(fetched_time)) AS as_of,
    (SELECT max(quote_time) FROM market_list) AS quotes_as_of,
    (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM series) AS series,
    (SELECT count(*) FROM rejects) AS rejected
FROM markets
