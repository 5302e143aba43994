-- How many candlesticks of one market and period lie in a window, and over what span.
SELECT count(*) AS candlesticks, min(end_time) AS first_end, max(end_time) AS last_end
FROM candlesticks
WHERE ticker = $ticker
    AND period_minutes = $period_minutes
    AND month BETWEEN $first_month AND $last_month
    AND end_time BETWEEN $start AND $end
