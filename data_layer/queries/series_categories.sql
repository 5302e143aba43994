-- Categories of all series, largest first; null is a category nobody named.
SELECT category, count(*) AS series
FROM series
GROUP BY category
ORDER BY series DESC, category
