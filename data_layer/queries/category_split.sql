-- How trading is shared out: by category of the series, or, within one category, by the first tag of the series.
-- Dollars are estimates, contracts of 24 hours times the chance of YES; `unpriced_contracts` have no chance and are
-- left out of them. Combinations of markets are not in the universe, and so in no share.
WITH placed AS (
    SELECT
        CASE
            WHEN $category = '' THEN coalesce(m.category, 'No category')
            ELSE coalesce(s.tags[1], 'No tag')
        END AS name,
        m.event_ticker, m.series_ticker, m.volume_24h_contracts, m.open_interest_contracts, m.probability
    FROM market_list AS m
    LEFT JOIN series AS s ON s.series_ticker = m.series_ticker
    WHERE m.status = 'active' AND ($category = '' OR coalesce(m.category, 'No category') = $category)
)
SELECT
    name,
    count(*) AS markets,
    count(DISTINCT event_ticker) AS events,
    count(DISTINCT series_ticker) AS series,
    coalesce(sum(volume_24h_contracts), 0) AS volume_24h_contracts,
    CAST(coalesce(sum(volume_24h_contracts * probability), 0) AS DECIMAL(20, 2)) AS volume_24h_dollars,
    coalesce(sum(CASE WHEN probability IS NULL THEN volume_24h_contracts END), 0) AS unpriced_contracts,
    coalesce(sum(open_interest_contracts), 0) AS open_interest_contracts
FROM placed
GROUP BY name
ORDER BY volume_24h_contracts DESC, name
