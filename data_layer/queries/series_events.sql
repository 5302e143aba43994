-- The stored events of one series, open and settled, what trades first and then the newest: their name is that of the
-- event, or of its first market where the event itself is not stored. A market that settled counts once, as settled.
WITH found AS (
    SELECT
        m.ticker, m.event_ticker, m.title, m.result, m.close_time, m.settlement_time, m.volume_contracts,
        m.status, 1 AS place, m.fetched_time
    FROM markets AS m
    LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
    WHERE coalesce(m.series_ticker, e.series_ticker) = $series
    UNION ALL
    SELECT
        m.ticker, m.event_ticker, m.title, m.result, m.close_time, m.settlement_time, m.volume_contracts,
        m.status, 2 AS place, m.fetched_time
    FROM settled_markets AS m
    LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
    WHERE coalesce(m.series_ticker, e.series_ticker) = $series
        OR (m.series_ticker IS NULL AND e.series_ticker IS NULL AND starts_with(m.event_ticker, concat($series, '-')))
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY ticker ORDER BY result IS NOT NULL DESC, place, fetched_time DESC) AS turn
    FROM found
),
counted AS (
    SELECT
        r.event_ticker,
        min(r.title) AS market_title,
        count(*) AS markets,
        count(*) FILTER (WHERE r.result IS NULL AND coalesce(l.status, r.status) = 'active') AS open_markets,
        count(*) FILTER (WHERE r.result IS NOT NULL) AS decided_markets,
        CAST(sum(CASE WHEN r.result IS NULL THEN l.volume_24h_contracts END) AS DECIMAL(18, 2)) AS volume_24h_contracts,
        CAST(sum(coalesce(l.volume_contracts, r.volume_contracts)) AS DECIMAL(18, 2)) AS volume_contracts,
        CAST(sum(CASE WHEN r.result IS NULL THEN l.open_interest_contracts END) AS DECIMAL(18, 2))
            AS open_interest_contracts,
        max(r.close_time) AS close_time,
        max(r.settlement_time) AS settlement_time
    FROM ranked AS r
    LEFT JOIN market_list AS l ON l.ticker = r.ticker AND r.place = 1
    WHERE r.turn = 1
    GROUP BY r.event_ticker
)
SELECT
    c.event_ticker, coalesce(e.title, c.market_title) AS title, e.sub_title, c.markets, c.open_markets,
    c.decided_markets, c.volume_24h_contracts, c.volume_contracts, c.open_interest_contracts, c.close_time,
    c.settlement_time, e.mutually_exclusive, e.fee_type_override, e.fee_multiplier_override,
    (SELECT count(*) FROM counted) AS total
FROM counted AS c
LEFT JOIN events AS e ON e.event_ticker = c.event_ticker
ORDER BY
    c.open_markets > 0 DESC,
    CASE WHEN c.open_markets > 0 THEN c.volume_24h_contracts END DESC NULLS LAST,
    c.close_time DESC NULLS LAST,
    c.event_ticker
LIMIT $limit
