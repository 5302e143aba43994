-- Contracts a US-Eastern day by category, or by tag within one: of the markets whose candlesticks are stored, so that
-- `markets` says of how many. A market that is over is placed by its settled row or by its event.
WITH days AS (
    SELECT ticker, day, volume_contracts
    FROM daily_rollup
    WHERE month >= $first_month AND day >= $first_day AND volume_contracts > 0
),
listed AS (
    SELECT ticker, series_ticker FROM market_list
    UNION ALL
    SELECT m.ticker, coalesce(m.series_ticker, e.series_ticker)
    FROM settled_markets AS m
    LEFT JOIN events AS e ON e.event_ticker = m.event_ticker
),
placed AS (
    SELECT ticker, max(series_ticker) AS series_ticker
    FROM listed
    WHERE ticker IN (SELECT ticker FROM days)
    GROUP BY ticker
)
SELECT
    d.day,
    CASE
        WHEN $category = '' THEN coalesce(s.category, 'No category')
        ELSE coalesce(s.tags[1], 'No tag')
    END AS name,
    count(DISTINCT d.ticker) AS markets,
    sum(d.volume_contracts) AS volume_contracts
FROM days AS d
LEFT JOIN placed AS p ON p.ticker = d.ticker
LEFT JOIN series AS s ON s.series_ticker = p.series_ticker
WHERE $category = '' OR coalesce(s.category, 'No category') = $category
GROUP BY 1, 2
ORDER BY d.day, volume_contracts DESC, name
