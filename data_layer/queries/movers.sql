-- How far every market's closing price moved over a window, from candlesticks: now against the last at or before then.
-- A sample takes the tickers whose MD5 lies below $sample_bound ('g' takes all).
-- A market without a price at or before the start of the window has no change: null, never 0.
SELECT
    ticker,
    arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL) AS price_dollars,
    arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL AND end_time <= $then)
        AS price_then_dollars,
    price_dollars - price_then_dollars AS change_dollars,
    sum(volume_contracts) FILTER (WHERE end_time > $then) AS volume_contracts
FROM candlesticks
WHERE period_minutes = $period_minutes
    AND month BETWEEN $first_month AND $last_month
    AND end_time > $lookback
    AND end_time <= $now
    AND ($sample_bound = 'g' OR substr(md5(ticker), 1, 6) < $sample_bound)
GROUP BY ticker
ORDER BY abs(change_dollars) DESC NULLS LAST, ticker
LIMIT $limit
