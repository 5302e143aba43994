-- Where some markets stood over a span, in buckets of equal width: the chance at the end of each, from what the lake saw
-- and from hourly candlesticks. What stood when the span began is in bucket 0, what stands now in the last.
WITH points AS (
    SELECT
        ticker,
        observed_time AS moment,
        CASE
            WHEN yes_ask_dollars - yes_bid_dollars <= 0.20
                THEN CAST((yes_bid_dollars + yes_ask_dollars) * 0.5 AS DECIMAL(10, 5))
            ELSE CAST(last_price_dollars AS DECIMAL(10, 5))
        END AS probability
    FROM quotes
    WHERE day BETWEEN $first_day AND $last_day
        AND ticker IN (SELECT unnest($tickers))
    UNION ALL
    SELECT
        ticker,
        end_time AS moment,
        CASE
            WHEN yes_ask_close_dollars - yes_bid_close_dollars <= 0.20
                THEN CAST((yes_bid_close_dollars + yes_ask_close_dollars) * 0.5 AS DECIMAL(10, 5))
            ELSE CAST(coalesce(price_close_dollars, price_previous_dollars) AS DECIMAL(10, 5))
        END AS probability
    FROM candlesticks
    WHERE period_minutes = 60
        AND month BETWEEN $first_month AND $last_month
        AND end_time > $start - INTERVAL 24 HOUR
        AND ticker IN (SELECT unnest($tickers))
)
SELECT
    ticker,
    CAST(greatest(0, ceil((epoch(moment) - epoch($start)) / $bucket_seconds)) AS INTEGER) AS bucket,
    arg_max(probability, moment) FILTER (WHERE probability IS NOT NULL) AS probability
FROM points
WHERE moment <= $now
GROUP BY 1, 2
ORDER BY 1, 2
