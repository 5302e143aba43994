-- What closes, is expected to expire, or opens in a span of time: a row an event and moment, told by its most traded
-- market; `markets` counts all that share the moment, contracts are those of all of them. The counts stand in every
-- row, and alone in one row where nothing is listed.
WITH placed AS (
    SELECT
        ticker, event_ticker, event_title, title, outcome, category, status, probability, quote_quality, tick_dollars,
        volume_24h_contracts, open_interest_contracts,
        CASE
            WHEN $kind = 'closes' THEN close_time
            WHEN $kind = 'expires' THEN expected_expiration_time
            ELSE open_time
        END AS time
    FROM market_list
    WHERE ($category = '' OR category = $category)
        AND CASE
            WHEN $kind = 'closes' THEN status IN ('active', 'inactive')
            WHEN $kind = 'expires' THEN status NOT IN ('finalized', 'settled')
            ELSE status = 'initialized'
        END
),
ranked AS (
    SELECT
        * EXCLUDE (volume_24h_contracts, open_interest_contracts),
        count(*) OVER moment AS markets,
        sum(volume_24h_contracts) OVER moment AS volume_24h_contracts,
        sum(open_interest_contracts) OVER moment AS open_interest_contracts,
        row_number() OVER (
            PARTITION BY event_ticker, time ORDER BY volume_24h_contracts DESC NULLS LAST, ticker
        ) AS turn
    FROM placed
    WHERE time >= $from AND time < $until
    WINDOW moment AS (PARTITION BY event_ticker, time)
),
listed AS (
    SELECT
        ticker AS entry, time, ticker, event_ticker, coalesce(event_title, title) AS title, outcome, category, status,
        CAST(NULL AS VARCHAR) AS type, probability, quote_quality, tick_dollars, markets,
        CAST(volume_24h_contracts AS DECIMAL(20, 2)) AS volume_24h_contracts,
        CAST(open_interest_contracts AS DECIMAL(20, 2)) AS open_interest_contracts
    FROM ranked
    WHERE turn = 1
),
page AS (
    SELECT *
    FROM listed
    ORDER BY /*order*/
    LIMIT $limit OFFSET $offset
),
counted AS (
    SELECT count(*) AS total, coalesce(sum(markets), 0) AS total_markets
    FROM listed
)
SELECT page.*, counted.*
FROM counted
LEFT JOIN page ON TRUE
ORDER BY /*order*/
