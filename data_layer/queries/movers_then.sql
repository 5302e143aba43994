-- What stood at the beginning of a window ($then), per open market, by what the lake saw itself and by hourly
-- candlesticks; and how restless the market was in the seven days before.
-- The quote history has a row only where something changed: a row stands until the next one, as long as the lake
-- looked. So it counts if it is fresh itself, or if a whole crawl shortly before $then found nothing newer.
-- A candlestick stands for at most 24 hours, its price is that of the last trade. -1 stands for null in between:
-- an absent bid of the last row must not be replaced by an older one.
-- Restlessness: standard deviation of hourly changes of log-odds of the middle; an hour without a candlestick, at most
-- 24 in a row, is an hour without a change.
WITH crawl AS (
    SELECT max(finished_time) AS crawl_time
    FROM refresh_log
    WHERE kind = 'universe' AND outcome <> 'failed' AND finished_time <= $then
),
seen AS (
    SELECT
        ticker,
        max(observed_time) AS seen_time,
        arg_max(coalesce(yes_bid_dollars, -1), observed_time)
            FILTER (WHERE coalesce(yes_bid_dollars, -1) IS NOT NULL) AS bid,
        arg_max(coalesce(yes_ask_dollars, -1), observed_time)
            FILTER (WHERE coalesce(yes_ask_dollars, -1) IS NOT NULL) AS ask,
        arg_max(coalesce(last_price_dollars, -1), observed_time)
            FILTER (WHERE coalesce(last_price_dollars, -1) IS NOT NULL) AS last
    FROM quotes
    WHERE day BETWEEN $first_day AND $last_day AND observed_time <= $then
    GROUP BY ticker
),
own AS (
    SELECT ticker, seen_time, nullif(bid, -1) AS bid, nullif(ask, -1) AS ask, nullif(last, -1) AS last
    FROM seen
    WHERE seen_time >= $looked_from OR (SELECT crawl_time FROM crawl) >= $looked_from
),
hourly AS (
    SELECT
        c.ticker,
        c.end_time,
        c.yes_bid_close_dollars AS bid,
        c.yes_ask_close_dollars AS ask,
        coalesce(c.price_close_dollars, c.price_previous_dollars) AS last,
        CASE
            WHEN c.yes_ask_close_dollars - c.yes_bid_close_dollars <= 0.20
                THEN CAST((c.yes_bid_close_dollars + c.yes_ask_close_dollars) * 0.5 AS DOUBLE)
        END AS mid,
        CAST(coalesce(m.tick_dollars, 0.01) * 0.5 AS DOUBLE) AS edge
    FROM candlesticks AS c
    JOIN market_list AS m ON m.ticker = c.ticker
    WHERE c.period_minutes = 60
        AND c.month BETWEEN $first_month AND $last_month
        AND c.end_time > $week_before
        AND c.end_time <= $then
        AND m.status = 'active'
),
candles AS (
    SELECT
        ticker,
        max(end_time) AS candle_time,
        nullif(arg_max(coalesce(bid, -1), end_time) FILTER (WHERE coalesce(bid, -1) IS NOT NULL), -1) AS bid,
        nullif(arg_max(coalesce(ask, -1), end_time) FILTER (WHERE coalesce(ask, -1) IS NOT NULL), -1) AS ask,
        nullif(arg_max(coalesce(last, -1), end_time) FILTER (WHERE coalesce(last, -1) IS NOT NULL), -1) AS last
    FROM hourly
    WHERE end_time > $day_before
    GROUP BY ticker
),
levels AS (
    SELECT
        ticker,
        end_time,
        ln(greatest(edge, least(1 - edge, mid)) / (1 - greatest(edge, least(1 - edge, mid)))) AS level
    FROM hourly
    WHERE mid IS NOT NULL
),
steps AS (
    SELECT
        ticker,
        level - lag(level) OVER (PARTITION BY ticker ORDER BY end_time) AS change,
        round((epoch(end_time) - epoch(lag(end_time) OVER (PARTITION BY ticker ORDER BY end_time))) / 3600) AS hours
    FROM levels
),
restless AS (
    SELECT
        ticker,
        CAST(sum(hours) AS INTEGER) AS observations,
        sqrt(
            greatest(0, sum(change * change) - sum(change) * sum(change) / sum(hours))
            / nullif(sum(hours) - 1, 0)
        ) AS hourly_deviation
    FROM steps
    WHERE hours BETWEEN 1 AND 24
    GROUP BY ticker
)
SELECT
    m.ticker,
    q.seen_time, q.bid AS seen_bid_dollars, q.ask AS seen_ask_dollars, q.last AS seen_price_dollars,
    c.candle_time, c.bid AS candle_bid_dollars, c.ask AS candle_ask_dollars, c.last AS candle_price_dollars,
    r.observations,
    CASE WHEN r.observations >= $observations_min AND r.hourly_deviation > 0 THEN r.hourly_deviation END
        AS hourly_deviation
FROM market_list AS m
LEFT JOIN own AS q ON q.ticker = m.ticker
LEFT JOIN candles AS c ON c.ticker = m.ticker
LEFT JOIN restless AS r ON r.ticker = m.ticker
WHERE m.status = 'active' AND coalesce(q.ticker, c.ticker, r.ticker) IS NOT NULL
