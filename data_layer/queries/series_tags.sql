-- Tags of the series of one category (of all, where none is given), most used first.
WITH tagged AS (
    SELECT unnest(tags) AS tag
    FROM series
    WHERE $category = '' OR category = $category
)
SELECT tag, count(*) AS series
FROM tagged
WHERE tag IS NOT NULL AND tag <> ''
GROUP BY tag
ORDER BY series DESC, tag
LIMIT $limit
