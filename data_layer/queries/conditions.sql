-- Named conditions and failures of the newest refresh of each kind: what the badge has to say. What somebody looked for
-- in vain, or a book that one market does not have, is told where it was asked for: it says nothing about the data.
-- `refresh_id` rises with every commit; the clock may stand or go back.
SELECT kind, outcome, error, conditions_json
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY refresh_id DESC) AS place
    FROM refresh_log
    WHERE kind NOT IN ('market', 'event', 'order_book')
) AS newest
WHERE place = 1
ORDER BY kind
