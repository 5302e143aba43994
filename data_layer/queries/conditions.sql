-- Named conditions and failures of the newest refresh of each kind: what the badge has to say.
SELECT kind, outcome, error, conditions_json
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY started_time DESC) AS place FROM refresh_log
) AS newest
WHERE place = 1
ORDER BY kind
