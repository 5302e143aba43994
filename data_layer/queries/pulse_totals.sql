-- The whole open exchange in one row. Dollars are an estimate: contracts of 24 hours at today's probability, counted
-- only where there is one (`priced_volume_24h_contracts` says how many contracts that covers).
SELECT
    count(*) AS open_markets,
    count(DISTINCT event_ticker) AS open_events,
    sum(volume_24h_contracts) AS volume_24h_contracts,
    sum(volume_24h_contracts) FILTER (WHERE probability IS NOT NULL) AS priced_volume_24h_contracts,
    CAST(sum(volume_24h_contracts * probability) AS DECIMAL(20, 2)) AS volume_24h_dollars,
    sum(open_interest_contracts) AS open_interest_contracts,
    count(*) FILTER (WHERE volume_24h_contracts > 0) AS traded_24h_markets,
    count(*) FILTER (WHERE quote_quality IN ('tight', 'ok', 'wide')) AS two_sided_markets,
    count(*) FILTER (WHERE open_time > $day_ago AND open_time <= $now) AS new_24h_markets
FROM market_list
WHERE status = 'active'
