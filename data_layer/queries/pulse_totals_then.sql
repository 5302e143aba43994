-- The same exchange a day ago, by the same rules as today's totals, from the quote history: the last quote of every
-- market seen in the day before then. The history has a row only where something changed. A market without one was
-- silent for a day and had traded nothing in it: where the lake is old enough to have known it, it is counted as open
-- with the open interest it has now, or had when it stirred again.
-- `reaches_back` says whether the lake is old enough, `then_time` how old the newest of those quotes was, `has_gap`
-- that the lake is old enough but saw nothing then, `oldest_time` when a younger lake's own history begins. Where a
-- market has left the open universe since and is not stored as settled, its event is read from its ticker, and it
-- opened when it was first seen.
WITH older AS (
    SELECT count(*) > 0 AS is_older FROM (SELECT 1 AS one FROM quotes WHERE day < $earliest_day LIMIT 1) AS any_row
),
seen AS (
    SELECT
        ticker,
        min(observed_time) AS first_time,
        max(observed_time) FILTER (WHERE observed_time <= $day_ago) AS last_time,
        arg_min(open_interest_contracts, observed_time) FILTER (WHERE open_interest_contracts IS NOT NULL)
            AS first_interest_contracts
    FROM quotes
    WHERE day >= $earliest_day
    GROUP BY ticker
),
reach AS (
    SELECT
        min(first_time) AS oldest_time,
        max(last_time) AS then_time,
        min(first_time) <= $two_days_ago AS reaches_back_twice
    FROM seen
),
known AS (
    SELECT
        ticker,
        max(event_ticker) AS event_ticker,
        max(open_time) AS open_time,
        bool_or(was_open) AS was_open,
        max(open_interest_contracts) AS open_interest_contracts
    FROM (
        SELECT ticker, event_ticker, open_time, status = 'active' AS was_open, open_interest_contracts FROM markets
        UNION ALL
        SELECT ticker, event_ticker, open_time, close_time > $day_ago AS was_open, open_interest_contracts
        FROM settled_markets
        WHERE month >= substr($earliest_day, 1, 7)
    ) AS listed
    GROUP BY ticker
),
then_quotes AS (
    SELECT
        q.volume_24h_contracts,
        q.open_interest_contracts,
        coalesce(k.event_ticker, regexp_replace(q.ticker, '-[^-]*$', '')) AS event_ticker,
        coalesce(k.open_time, s.first_time) AS open_time,
        CASE
            WHEN q.yes_ask_dollars - q.yes_bid_dollars <= 0.20
                THEN CAST((q.yes_bid_dollars + q.yes_ask_dollars) * 0.5 AS DECIMAL(10, 5))
            ELSE CAST(q.last_price_dollars AS DECIMAL(10, 5))
        END AS probability
    FROM seen AS s
    JOIN quotes AS q ON q.ticker = s.ticker AND q.observed_time = s.last_time
    LEFT JOIN known AS k ON k.ticker = s.ticker
    WHERE q.day >= $earliest_day AND coalesce(q.status, 'active') = 'active'
    UNION ALL
    SELECT
        0 AS volume_24h_contracts,
        coalesce(s.first_interest_contracts, k.open_interest_contracts) AS open_interest_contracts,
        k.event_ticker,
        k.open_time,
        NULL AS probability
    FROM known AS k
    LEFT JOIN seen AS s ON s.ticker = k.ticker
    WHERE (SELECT is_older FROM older) AND s.last_time IS NULL AND k.was_open AND k.open_time <= $day_ago
)
SELECT
    (SELECT then_time FROM reach) IS NOT NULL AS reaches_back,
    (SELECT is_older FROM older) AND (SELECT then_time FROM reach) IS NULL AS has_gap,
    (SELECT oldest_time FROM reach) AS oldest_time,
    (SELECT then_time FROM reach) AS then_time,
    count(*) AS open_markets,
    count(DISTINCT event_ticker) AS open_events,
    sum(volume_24h_contracts) AS volume_24h_contracts,
    CAST(sum(volume_24h_contracts * probability) AS DECIMAL(20, 2)) AS volume_24h_dollars,
    sum(open_interest_contracts) AS open_interest_contracts,
    CASE
        WHEN (SELECT is_older FROM older) OR (SELECT reaches_back_twice FROM reach)
            THEN count(*) FILTER (WHERE open_time > $two_days_ago AND open_time <= $day_ago)
    END AS new_24h_markets
FROM then_quotes
