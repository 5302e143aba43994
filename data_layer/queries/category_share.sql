-- Open markets, contracts and open interest by category, largest first.
SELECT
    coalesce(category, 'No category') AS category,
    count(*) AS markets,
    coalesce(sum(volume_24h_contracts), 0) AS volume_24h_contracts,
    CAST(coalesce(sum(volume_24h_contracts * probability), 0) AS DECIMAL(20, 2)) AS volume_24h_dollars,
    coalesce(sum(open_interest_contracts), 0) AS open_interest_contracts
FROM market_list
WHERE status = 'active'
GROUP BY 1
ORDER BY volume_24h_contracts DESC, category
