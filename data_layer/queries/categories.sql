-- Open markets by category, largest first; null is a category nobody named.
SELECT category, count(*) AS markets
FROM market_list
WHERE status = 'active'
GROUP BY category
ORDER BY markets DESC, category
