-- Milestones that start in a span of time, each with the most traded open market of the events that hang on it;
-- `markets` counts all open ones, contracts are those of all of them. Without a market it is listed by its own title.
-- The counts stand in every row, and alone in one row where nothing is listed.
WITH linked AS (
    SELECT DISTINCT milestone_id, event_ticker
    FROM (
        SELECT milestone_id, unnest(related_event_tickers) AS event_ticker
        FROM milestones
        WHERE start_time >= $from AND start_time < $until
    ) AS pairs
),
legs AS (
    SELECT
        l.milestone_id, m.ticker, m.event_ticker, m.outcome, m.category, m.status, m.probability, m.quote_quality,
        m.tick_dollars,
        count(*) OVER stone AS markets,
        sum(m.volume_24h_contracts) OVER stone AS volume_24h_contracts,
        sum(m.open_interest_contracts) OVER stone AS open_interest_contracts,
        row_number() OVER (
            PARTITION BY l.milestone_id ORDER BY m.volume_24h_contracts DESC NULLS LAST, m.ticker
        ) AS turn
    FROM linked AS l
    INNER JOIN market_list AS m ON m.event_ticker = l.event_ticker
    WHERE m.status IN ('active', 'inactive')
    WINDOW stone AS (PARTITION BY l.milestone_id)
),
listed AS (
    SELECT
        s.milestone_id AS entry, s.start_time AS time, g.ticker, g.event_ticker, s.title, g.outcome,
        coalesce(g.category, s.category) AS category, g.status, s.type, g.probability, g.quote_quality,
        g.tick_dollars, coalesce(g.markets, 0) AS markets,
        CAST(g.volume_24h_contracts AS DECIMAL(20, 2)) AS volume_24h_contracts,
        CAST(g.open_interest_contracts AS DECIMAL(20, 2)) AS open_interest_contracts
    FROM milestones AS s
    LEFT JOIN legs AS g ON g.milestone_id = s.milestone_id AND g.turn = 1
    WHERE s.start_time >= $from AND s.start_time < $until
        AND ($category = '' OR coalesce(g.category, s.category) = $category)
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
