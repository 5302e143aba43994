-- One page of the open markets that moved in a window beyond half their spread, and how many passed the filter, had
-- no price at its beginning, or moved within that half. `moves` is how far each moved (moves.sql). There is always a
-- row, for its counts; without a mover its ticker is null.
WITH passing AS (
    SELECT *, abs(change_pp) AS size_pp, abs(change_log_odds) AS size_log_odds, abs(z) AS size_z
    FROM moves
    WHERE (len($categories) = 0 OR list_contains($categories, category))
        AND (len($series) = 0 OR list_contains($series, series_ticker))
        AND ($volume_24h_min IS NULL OR volume_24h_contracts >= $volume_24h_min)
        AND ($closes_from IS NULL OR close_time >= $closes_from)
        AND ($closes_to IS NULL OR close_time <= $closes_to)
        AND ($expires_from IS NULL OR expected_time >= $expires_from)
        AND ($opened_to IS NULL OR open_time <= $opened_to)
),
shown AS (
    SELECT *
    FROM passing
    WHERE CASE $side
        WHEN 'unknown' THEN change_pp IS NULL
        WHEN 'up' THEN is_beyond AND change_pp > 0
        WHEN 'down' THEN is_beyond AND change_pp < 0
        ELSE is_beyond
    END
),
counts AS (
    SELECT
        count(*) AS passing_markets,
        count(*) FILTER (WHERE change_pp IS NULL) AS unknown_markets,
        count(*) FILTER (WHERE change_pp IS NOT NULL AND NOT is_beyond) AS within_spread_markets,
        count(*) FILTER (WHERE hourly_deviation IS NULL) AS without_z_markets,
        (SELECT count(*) FROM shown) AS total
    FROM passing
),
paged AS (
    SELECT *, row_number() OVER (ORDER BY /*order*/) AS place
    FROM shown
    ORDER BY place
    LIMIT $limit OFFSET $offset
)
SELECT
    m.* EXCLUDE (search_text),
    p.then_source, p.then_time, p.basis, p.price_then, p.price_now, p.spread_then_dollars,
    p.change_pp, p.change_log_odds, p.z, p.hourly_deviation, p.observations,
    p.recent_share, p.surge, p.mean_daily_contracts,
    c.*
FROM counts AS c
LEFT JOIN paged AS p ON TRUE
LEFT JOIN market_list AS m ON m.ticker = p.ticker
ORDER BY p.place
