-- Named conditions and failures of the newest refresh of each kind: what the badge has to say.
-- `refresh_id` rises with every commit; the clock may stand or go back.
SELECT kind, outcome, error, conditions_json
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY refresh_id DESC) AS place FROM refresh_log
) AS newest
WHERE place = 1
ORDER BY kind
