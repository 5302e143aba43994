-- One row per market and US-Eastern day of one month, from hourly candlesticks. A candle belongs to the day of its
-- last instant: the one that ends at midnight is the last of the day before.
WITH hourly AS (
    SELECT
        *,
        CAST((end_time - INTERVAL 1 SECOND) AT TIME ZONE 'America/New_York' AS DATE) AS day
    FROM candlesticks
    WHERE period_minutes = 60
        AND month BETWEEN $month_before AND $month_after
)
SELECT
    $month AS month,
    ticker,
    day,
    arg_min(price_open_dollars, end_time) FILTER (WHERE price_open_dollars IS NOT NULL) AS price_open_dollars,
    max(price_high_dollars) AS price_high_dollars,
    min(price_low_dollars) AS price_low_dollars,
    arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL) AS price_close_dollars,
    CAST(
        sum(price_mean_dollars * volume_contracts)
        / nullif(sum(volume_contracts) FILTER (WHERE price_mean_dollars IS NOT NULL), 0) AS DECIMAL(9, 4)
    ) AS vwap_dollars,
    arg_max(yes_bid_close_dollars, end_time) FILTER (WHERE yes_bid_close_dollars IS NOT NULL)
        AS yes_bid_close_dollars,
    arg_max(yes_ask_close_dollars, end_time) FILTER (WHERE yes_ask_close_dollars IS NOT NULL)
        AS yes_ask_close_dollars,
    CAST(sum(volume_contracts) AS DECIMAL(18, 2)) AS volume_contracts,
    CAST(sum(price_mean_dollars * volume_contracts) AS DECIMAL(18, 4)) AS turnover_dollars,
    arg_max(open_interest_contracts, end_time) FILTER (WHERE open_interest_contracts IS NOT NULL)
        AS open_interest_contracts,
    CAST(count(*) AS INTEGER) AS hours
FROM hourly
WHERE strftime(day, '%Y-%m') = $month
GROUP BY ticker, day
ORDER BY ticker, day
