-- US-Eastern days of one market from its hourly candlesticks: OHLC, VWAP, volume, open interest. A candle belongs to the
-- day of its last instant.
WITH hourly AS (
    SELECT
        *,
        CAST((end_time - INTERVAL 1 SECOND) AT TIME ZONE 'America/New_York' AS DATE) AS day
    FROM candlesticks
    WHERE ticker = $ticker
        AND period_minutes = 60
        AND month BETWEEN $first_month AND $last_month
        AND end_time BETWEEN $start AND $end
)
SELECT
    day,
    arg_min(price_open_dollars, end_time) FILTER (WHERE price_open_dollars IS NOT NULL) AS price_open_dollars,
    max(price_high_dollars) AS price_high_dollars,
    min(price_low_dollars) AS price_low_dollars,
    arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL) AS price_close_dollars,
    CAST(
        sum(price_mean_dollars * volume_contracts)
        / nullif(sum(volume_contracts) FILTER (WHERE price_mean_dollars IS NOT NULL), 0) AS DECIMAL(9, 4)
    ) AS vwap_dollars,
    CAST(sum(volume_contracts) AS DECIMAL(18, 2)) AS volume_contracts,
    arg_max(open_interest_contracts, end_time) FILTER (WHERE open_interest_contracts IS NOT NULL)
        AS open_interest_contracts,
    CAST(count(*) AS INTEGER) AS hours
FROM hourly
GROUP BY day
ORDER BY day DESC
