-- The screener: one page of the markets that pass the filter, in order, and how many pass in all.
-- The whole row is fetched only for the page (late materialisation).
WITH passing AS (
    SELECT *
    FROM market_list
    WHERE ($word1 = '' OR contains(search_text, lower($word1)))
        AND ($word2 = '' OR contains(search_text, lower($word2)))
        AND ($word3 = '' OR contains(search_text, lower($word3)))
        AND ($word4 = '' OR contains(search_text, lower($word4)))
        AND ($event = '' OR event_ticker = $event)
        AND (len($statuses) = 0 OR list_contains($statuses, status))
        AND (len($categories) = 0 OR list_contains($categories, category))
        AND (len($series) = 0 OR list_contains($series, series_ticker))
        AND (len($qualities) = 0 OR list_contains($qualities, quote_quality))
        AND ($probability_min IS NULL OR probability >= $probability_min)
        AND ($probability_max IS NULL OR probability <= $probability_max)
        AND ($spread_min IS NULL OR spread_dollars >= $spread_min)
        AND ($spread_max IS NULL OR spread_dollars <= $spread_max)
        AND ($volume_min IS NULL OR volume_contracts >= $volume_min)
        AND ($volume_24h_min IS NULL OR volume_24h_contracts >= $volume_24h_min)
        AND ($open_interest_min IS NULL OR open_interest_contracts >= $open_interest_min)
        AND ($opened_from IS NULL OR open_time >= $opened_from)
        AND ($closes_from IS NULL OR expected_time >= $closes_from)
        AND ($closes_to IS NULL OR expected_time <= $closes_to)
)
SELECT * EXCLUDE (search_text), (SELECT count(*) FROM passing) AS total
FROM passing
ORDER BY /*order*/
LIMIT $limit OFFSET $offset
