-- One page of the open markets that moved in a window of $hours beyond half their spread, and how many passed the
-- filter, had no price at its beginning, or moved within that half. There is always a row, for its counts; without a
-- mover its ticker is null.
-- `movers_then` is what stood at the beginning (movers_then.sql). Of a day ago the exchange's own word comes first, as
-- in the market list; then what the lake saw; then candlesticks. Like is compared with like: mid with mid where both
-- spreads are at most 20 cents, else trade with trade; without both there is no change: null, never 0.
-- A move has to be larger than half the wider of the two spreads, or it may be nothing but the spread.
WITH open_markets AS (
    SELECT
        m.ticker, m.title, m.category, m.series_ticker, m.open_time, m.close_time, m.expected_time,
        m.spread_dollars, m.previous_spread_dollars, m.probability, m.last_price_dollars, m.change_24h_pp,
        m.volume_24h_contracts, m.volume_contracts,
        t.seen_time, t.seen_bid_dollars, t.seen_ask_dollars, t.seen_price_dollars,
        t.candle_time, t.candle_bid_dollars, t.candle_ask_dollars, t.candle_price_dollars,
        t.observations, t.hourly_deviation,
        d.mean_daily_contracts,
        m.spread_dollars <= 0.20 AS has_mid,
        CAST(coalesce(m.tick_dollars, 0.01) * 0.5 AS DOUBLE) AS edge
    FROM market_list AS m
    LEFT JOIN movers_then AS t ON t.ticker = m.ticker
    LEFT JOIN mean_days AS d ON d.ticker = m.ticker
    WHERE m.status = 'active'
),
sourced AS (
    SELECT
        *,
        CASE
            WHEN $hours = 24 AND change_24h_pp IS NOT NULL THEN 'exchange'
            WHEN has_mid AND seen_ask_dollars - seen_bid_dollars <= 0.20 THEN 'lake'
            WHEN last_price_dollars IS NOT NULL AND seen_price_dollars IS NOT NULL THEN 'lake'
            WHEN has_mid AND candle_ask_dollars - candle_bid_dollars <= 0.20 THEN 'candlesticks'
            WHEN last_price_dollars IS NOT NULL AND candle_price_dollars IS NOT NULL THEN 'candlesticks'
        END AS then_source
    FROM open_markets
),
stood AS (
    SELECT
        *,
        CASE then_source
            WHEN 'exchange' THEN previous_spread_dollars
            WHEN 'lake' THEN seen_ask_dollars - seen_bid_dollars
            WHEN 'candlesticks' THEN candle_ask_dollars - candle_bid_dollars
        END AS spread_then_dollars,
        CASE then_source
            WHEN 'lake' THEN CAST((seen_bid_dollars + seen_ask_dollars) * 0.5 AS DECIMAL(10, 5))
            WHEN 'candlesticks' THEN CAST((candle_bid_dollars + candle_ask_dollars) * 0.5 AS DECIMAL(10, 5))
        END AS mid_then,
        CASE then_source WHEN 'lake' THEN seen_price_dollars WHEN 'candlesticks' THEN candle_price_dollars END
            AS last_then_dollars,
        CASE then_source WHEN 'lake' THEN seen_time WHEN 'candlesticks' THEN candle_time END AS then_time
    FROM sourced
),
based AS (
    SELECT
        *,
        CASE WHEN has_mid AND spread_then_dollars <= 0.20 THEN 'quotes' WHEN then_source IS NOT NULL THEN 'trades' END
            AS basis
    FROM stood
),
priced AS (
    SELECT
        *,
        CASE basis
            WHEN 'quotes' THEN probability
            WHEN 'trades' THEN CAST(last_price_dollars AS DECIMAL(10, 5))
        END AS price_now,
        CASE basis WHEN 'quotes' THEN mid_then WHEN 'trades' THEN CAST(last_then_dollars AS DECIMAL(10, 5)) END
            AS stored_then
    FROM based
),
moved AS (
    SELECT
        *,
        CASE
            WHEN then_source = 'exchange' THEN CAST(price_now - change_24h_pp / 100 AS DECIMAL(10, 5))
            ELSE stored_then
        END AS price_then,
        CASE
            WHEN then_source = 'exchange' THEN change_24h_pp
            ELSE CAST(100 * (price_now - stored_then) AS DECIMAL(9, 3))
        END AS change_pp
    FROM priced
),
clipped AS (
    SELECT
        *,
        greatest(edge, least(1 - edge, CAST(price_now AS DOUBLE))) AS clipped_now,
        greatest(edge, least(1 - edge, CAST(price_then AS DOUBLE))) AS clipped_then,
        abs(change_pp) > 50 * greatest(coalesce(spread_dollars, 0), coalesce(spread_then_dollars, 0)) AS is_beyond
    FROM moved
),
changed AS (
    SELECT
        *,
        CASE
            WHEN change_pp IS NOT NULL
                THEN ln(clipped_now / (1 - clipped_now)) - ln(clipped_then / (1 - clipped_then))
        END AS change_log_odds
    FROM clipped
),
scored AS (
    SELECT
        *,
        change_log_odds / (hourly_deviation * sqrt($hours)) AS z,
        CAST(volume_24h_contracts AS DOUBLE) / nullif(volume_contracts, 0) AS recent_share,
        volume_24h_contracts / nullif(mean_daily_contracts, 0) AS surge
    FROM changed
),
passing AS (
    SELECT *, abs(change_pp) AS size_pp, abs(change_log_odds) AS size_log_odds, abs(z) AS size_z
    FROM scored
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
