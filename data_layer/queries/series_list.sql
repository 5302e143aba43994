-- One page of the series that pass the filter, in order, and how many pass in all: every series that was fetched, and
-- those of open markets that were not. Activity is that of its stored open markets. (`series_active`: series_active.sql).
WITH listed AS (
    SELECT
        coalesce(s.series_ticker, a.series_ticker) AS series_ticker,
        coalesce(s.title, a.title) AS title,
        coalesce(s.category, a.category) AS category,
        s.tags, s.frequency, s.fee_type, s.fee_multiplier, s.volume_contracts, s.last_updated_time,
        coalesce(a.open_markets, 0) AS open_markets,
        coalesce(a.open_events, 0) AS open_events,
        a.volume_24h_contracts, a.open_interest_contracts
    FROM series AS s
    FULL OUTER JOIN series_active AS a ON a.series_ticker = s.series_ticker
),
passing AS (
    SELECT *
    FROM listed
    WHERE ($word1 = '' OR contains(lower(concat_ws(' ', series_ticker, title, array_to_string(tags, ' '))), lower($word1)))
        AND ($word2 = '' OR contains(lower(concat_ws(' ', series_ticker, title, array_to_string(tags, ' '))), lower($word2)))
        AND ($word3 = '' OR contains(lower(concat_ws(' ', series_ticker, title, array_to_string(tags, ' '))), lower($word3)))
        AND ($word4 = '' OR contains(lower(concat_ws(' ', series_ticker, title, array_to_string(tags, ' '))), lower($word4)))
        AND ($category = '' OR category = $category)
        AND ($tag = '' OR list_contains(tags, $tag))
        AND (NOT $only_open OR open_markets > 0)
)
SELECT *, (SELECT count(*) FROM passing) AS total
FROM passing
ORDER BY /*order*/
LIMIT $limit OFFSET $offset
