-- Candlesticks of one market, merged into buckets of $bucket_minutes, because there are more than a chart can show.
-- Merging is exact: first open, highest high, lowest low, last close, summed volume; a bucket is named by its end.
WITH picked AS (
    SELECT
        *,
        CAST(ceil(epoch(end_time) / (60 * $bucket_minutes)) AS BIGINT) AS bucket
    FROM candlesticks
    WHERE ticker = $ticker
        AND period_minutes = $period_minutes
        AND month BETWEEN $first_month AND $last_month
        AND end_time BETWEEN $start AND $end
)
SELECT
    $ticker AS ticker,
    CAST($bucket_minutes AS INTEGER) AS period_minutes,
    max(end_time) AS end_time,
    arg_min(price_open_dollars, end_time) FILTER (WHERE price_open_dollars IS NOT NULL) AS price_open_dollars,
    max(price_high_dollars) AS price_high_dollars,
    min(price_low_dollars) AS price_low_dollars,
    arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL) AS price_close_dollars,
    CAST(
        sum(price_mean_dollars * volume_contracts)
        / nullif(sum(volume_contracts) FILTER (WHERE price_mean_dollars IS NOT NULL), 0) AS DECIMAL(9, 4)
    ) AS price_mean_dollars,
    arg_min(price_previous_dollars, end_time) FILTER (WHERE price_previous_dollars IS NOT NULL)
        AS price_previous_dollars,
    arg_min(yes_bid_open_dollars, end_time) FILTER (WHERE yes_bid_open_dollars IS NOT NULL) AS yes_bid_open_dollars,
    max(yes_bid_high_dollars) AS yes_bid_high_dollars,
    min(yes_bid_low_dollars) AS yes_bid_low_dollars,
    arg_max(yes_bid_close_dollars, end_time) FILTER (WHERE yes_bid_close_dollars IS NOT NULL)
        AS yes_bid_close_dollars,
    arg_min(yes_ask_open_dollars, end_time) FILTER (WHERE yes_ask_open_dollars IS NOT NULL) AS yes_ask_open_dollars,
    max(yes_ask_high_dollars) AS yes_ask_high_dollars,
    min(yes_ask_low_dollars) AS yes_ask_low_dollars,
    arg_max(yes_ask_close_dollars, end_time) FILTER (WHERE yes_ask_close_dollars IS NOT NULL)
        AS yes_ask_close_dollars,
    CAST(sum(volume_contracts) AS DECIMAL(18, 2)) AS volume_contracts,
    arg_max(open_interest_contracts, end_time) FILTER (WHERE open_interest_contracts IS NOT NULL)
        AS open_interest_contracts
FROM picked
GROUP BY bucket
ORDER BY end_time
