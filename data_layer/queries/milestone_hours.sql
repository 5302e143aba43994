-- When milestones start, by quarter of an hour of UTC: how many, and what the open markets of their events trade. What
-- has no place between now and the end of the range is counted apart. Contracts of an event that hangs on two
-- milestones are counted at both.
WITH linked AS (
    SELECT DISTINCT milestone_id, event_ticker
    FROM (SELECT milestone_id, unnest(related_event_tickers) AS event_ticker FROM milestones) AS pairs
),
legs AS (
    SELECT
        l.milestone_id, m.category, m.volume_24h_contracts, m.open_interest_contracts,
        row_number() OVER (PARTITION BY l.milestone_id ORDER BY m.volume_24h_contracts DESC NULLS LAST, m.ticker) AS turn
    FROM linked AS l
    INNER JOIN market_list AS m ON m.event_ticker = l.event_ticker
    WHERE m.status IN ('active', 'inactive')
),
traded AS (
    SELECT
        milestone_id, max(CASE WHEN turn = 1 THEN category END) AS category,
        sum(volume_24h_contracts) AS volume_24h_contracts, sum(open_interest_contracts) AS open_interest_contracts
    FROM legs
    GROUP BY milestone_id
),
sorted AS (
    SELECT
        s.start_time, t.volume_24h_contracts, t.open_interest_contracts,
        CASE
            WHEN s.start_time < $now THEN 'before'
            WHEN s.start_time >= $until THEN 'later'
            ELSE 'within'
        END AS place
    FROM milestones AS s
    LEFT JOIN traded AS t ON t.milestone_id = s.milestone_id
    WHERE $category = '' OR coalesce(t.category, s.category) = $category
)
SELECT
    place,
    CASE WHEN place = 'within' THEN CAST(floor(epoch(start_time) / 900) AS BIGINT) END AS quarter,
    count(*) AS entries,
    CAST(coalesce(sum(volume_24h_contracts), 0) AS DECIMAL(20, 2)) AS volume_24h_contracts,
    CAST(coalesce(sum(open_interest_contracts), 0) AS DECIMAL(20, 2)) AS open_interest_contracts
FROM sorted
GROUP BY place, quarter
ORDER BY place, quarter
