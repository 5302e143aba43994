-- The quote that stood so many hours before each settled market ended, where hourly candlesticks are stored.
-- A market ends when it closes or settles, whichever is first: its price after that is no forecast. A quote may be up
-- to 48 hours old; bid and ask are of one candlestick, the price is the last trade within the 48 hours.
WITH horizons AS (
    SELECT unnest([1, 6, 24, 72, 168, 720]) AS horizon_hours
),
wanted AS (
    SELECT
        s.*, h.horizon_hours,
        least(s.close_time, coalesce(s.settlement_time, s.close_time)) - INTERVAL 1 HOUR * h.horizon_hours AS moment
    FROM settled_markets AS s CROSS JOIN horizons AS h
    WHERE s.month = $month AND s.result IS NOT NULL AND s.close_time IS NOT NULL
),
candles AS (
    SELECT ticker, end_time, yes_bid_close_dollars, yes_ask_close_dollars, price_close_dollars
    FROM candlesticks
    WHERE period_minutes = 60 AND month BETWEEN $month_before AND $month_after
),
standing AS (
    SELECT
        w.*, c.end_time, c.yes_bid_close_dollars AS bid, c.yes_ask_close_dollars AS ask,
        c.price_close_dollars AS price,
        row_number() OVER (PARTITION BY w.ticker, w.horizon_hours ORDER BY c.end_time DESC) AS place
    FROM wanted AS w
    JOIN candles AS c
        ON c.ticker = w.ticker AND c.end_time <= w.moment AND c.end_time > w.moment - INTERVAL 48 HOUR
)
SELECT
    w.month, w.ticker, CAST(w.horizon_hours AS INTEGER) AS horizon_hours,
    max(w.event_ticker) AS event_ticker,
    max(coalesce(w.series_ticker, e.series_ticker)) AS series_ticker,
    max(coalesce(s.category, e.category)) AS category,
    max(w.bid) FILTER (WHERE w.place = 1) AS yes_bid_dollars,
    max(w.ask) FILTER (WHERE w.place = 1) AS yes_ask_dollars,
    arg_max(w.price, w.end_time) FILTER (WHERE w.price IS NOT NULL) AS price_dollars,
    max(w.result) AS result,
    max(w.settlement_value_dollars) AS settlement_value_dollars,
    max(w.volume_contracts) AS volume_contracts,
    max(w.close_time) AS close_time,
    max(w.settlement_time) AS settlement_time
FROM standing AS w
LEFT JOIN events AS e ON e.event_ticker = w.event_ticker
LEFT JOIN series AS s ON s.series_ticker = coalesce(w.series_ticker, e.series_ticker)
GROUP BY w.month, w.ticker, w.horizon_hours
ORDER BY w.ticker, w.horizon_hours
