-- Contracts of some markets by US-Eastern day, from their daily candlesticks: a candle belongs to the day of its last
-- instant. A day on which none of them has a candle is not here.
SELECT
    CAST((end_time - INTERVAL 1 SECOND) AT TIME ZONE 'America/New_York' AS DATE) AS day,
    CAST(sum(volume_contracts) AS DECIMAL(18, 2)) AS volume_contracts,
    CAST(count(DISTINCT ticker) AS INTEGER) AS markets
FROM candlesticks
WHERE list_contains($tickers, ticker)
    AND period_minutes = 1440
    AND month BETWEEN $first_month AND $last_month
    AND end_time BETWEEN $start AND $end
GROUP BY 1
ORDER BY day
