-- The same exchange a day ago, from the quote history: the last quote of every market seen at or before then.
-- Null where the lake does not reach back that far: `reaches_back` says whether it does.
WITH then_quotes AS (
    SELECT
        ticker,
        arg_max(status, observed_time) FILTER (WHERE status IS NOT NULL) AS status,
        arg_max(volume_24h_contracts, observed_time) FILTER (WHERE volume_24h_contracts IS NOT NULL)
            AS volume_24h_contracts,
        arg_max(open_interest_contracts, observed_time) FILTER (WHERE open_interest_contracts IS NOT NULL)
            AS open_interest_contracts
    FROM quotes
    WHERE observed_time <= $day_ago AND day >= $earliest_day
    GROUP BY ticker
)
SELECT
    (SELECT min(observed_time) FROM quotes WHERE day >= $earliest_day) <= $day_ago AS reaches_back,
    count(*) FILTER (WHERE status = 'active') AS open_markets,
    sum(volume_24h_contracts) FILTER (WHERE status = 'active') AS volume_24h_contracts,
    sum(open_interest_contracts) FILTER (WHERE status = 'active') AS open_interest_contracts
FROM then_quotes
