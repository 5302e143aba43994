-- The same exchange a day ago, from the quote history: the last quote of every market seen at or before then, by the
-- same rules as today's totals. `reaches_back` says whether the lake is old enough, `then_time` how old the newest of
-- those quotes was, `oldest_time` when the lake's own history begins. Where a market has left the open universe since
-- and is not stored as settled, its event is read from its ticker, and it opened when it was first seen.
WITH seen AS (
    SELECT
        ticker,
        min(observed_time) AS first_time,
        max(observed_time) FILTER (WHERE observed_time <= $day_ago) AS last_time
    FROM quotes
    WHERE day >= $earliest_day
    GROUP BY ticker
),
reach AS (
    SELECT
        min(first_time) AS oldest_time,
        max(last_time) AS then_time,
        min(first_time) <= $day_ago AS reaches_back,
        min(first_time) <= $two_days_ago AS reaches_back_twice
    FROM seen
),
known AS (
    SELECT ticker, max(event_ticker) AS event_ticker, max(open_time) AS open_time
    FROM (
        SELECT ticker, event_ticker, open_time FROM markets
        UNION ALL
        SELECT ticker, event_ticker, open_time FROM settled_markets WHERE month >= substr($earliest_day, 1, 7)
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
)
SELECT
    (SELECT reaches_back FROM reach) AS reaches_back,
    (SELECT oldest_time FROM reach) AS oldest_time,
    (SELECT then_time FROM reach) AS then_time,
    count(*) AS open_markets,
    count(DISTINCT event_ticker) AS open_events,
    sum(volume_24h_contracts) AS volume_24h_contracts,
    CAST(sum(volume_24h_contracts * probability) AS DECIMAL(20, 2)) AS volume_24h_dollars,
    sum(open_interest_contracts) AS open_interest_contracts,
    CASE
        WHEN (SELECT reaches_back_twice FROM reach)
            THEN count(*) FILTER (WHERE open_time > $two_days_ago AND open_time <= $day_ago)
    END AS new_24h_markets
FROM then_quotes
