-- Candlesticks of one market as they are stored, oldest first: one more than a chart can show tells that there are more.
-- A candlestick is there once it has ended: on charts the lines go on, dashed, to the present quote, which is marked with a
-- dot. That is no candlestick, and in no file of them. Within a candlestick the lines step in its middle, from what stood
-- when it began to what stood when it ended: when that changed is not known.
SELECT
    ticker, period_minutes, end_time,
    price_open_dollars, price_high_dollars, price_low_dollars, price_close_dollars, price_mean_dollars,
    price_previous_dollars,
    yes_bid_open_dollars, yes_bid_high_dollars, yes_bid_low_dollars, yes_bid_close_dollars,
    yes_ask_open_dollars, yes_ask_high_dollars, yes_ask_low_dollars, yes_ask_close_dollars,
    volume_contracts, open_interest_contracts
FROM candlesticks
WHERE ticker = $ticker
    AND period_minutes = $period_minutes
    AND month BETWEEN $first_month AND $last_month
    AND end_time BETWEEN $start AND $end
ORDER BY end_time
LIMIT $limit
