-- The chance over time of some markets: the middle of a candlestick's last quote where its spread is at most 20 cents,
-- else the last trade, else null. Candlesticks finer than $bucket_minutes are merged; a bucket is named by its end.
WITH picked AS (
    SELECT
        ticker, end_time,
        CAST(ceil(epoch(end_time) / (60 * $bucket_minutes)) AS BIGINT) AS bucket,
        CASE
            WHEN yes_ask_open_dollars - yes_bid_open_dollars <= 0.20
                THEN CAST((yes_bid_open_dollars + yes_ask_open_dollars) * 0.5 AS DECIMAL(10, 5))
            ELSE CAST(coalesce(price_previous_dollars, price_open_dollars) AS DECIMAL(10, 5))
        END AS opening_chance,
        CASE
            WHEN yes_ask_close_dollars - yes_bid_close_dollars <= 0.20
                THEN CAST((yes_bid_close_dollars + yes_ask_close_dollars) * 0.5 AS DECIMAL(10, 5))
            ELSE CAST(coalesce(price_close_dollars, price_previous_dollars) AS DECIMAL(10, 5))
        END AS chance
    FROM candlesticks
    WHERE list_contains($tickers, ticker)
        AND period_minutes = $period_minutes
        AND month BETWEEN $first_month AND $last_month
        AND end_time BETWEEN $start AND $end
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY ticker, bucket ORDER BY end_time) AS place,
        row_number() OVER (PARTITION BY ticker, bucket ORDER BY end_time DESC) AS place_from_end
    FROM picked
)
SELECT
    ticker,
    max(end_time) AS end_time,
    max(opening_chance) FILTER (WHERE place = 1) AS opening_chance,
    max(chance) FILTER (WHERE place_from_end = 1) AS chance,
    CAST(count(*) AS INTEGER) AS candlesticks
FROM placed
GROUP BY ticker, bucket
ORDER BY ticker, end_time
