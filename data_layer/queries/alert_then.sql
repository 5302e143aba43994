-- The quote that stood at a moment ($then), by what the lake saw: a row of the history stands until the next one, as
-- long as the lake looked. So it counts if it is fresh itself, or if a whole crawl shortly before found nothing newer.
-- Candlesticks are not asked, as movers_then.sql does: they exist for few markets and may be an hour old, so a rule
-- would fire where the lake's own quote takes their place, without anything having moved.
-- -1 stands for null in between: an absent bid of the last row must not be replaced by an older one.
WITH crawl AS (
    SELECT max(finished_time) AS crawl_time
    FROM refresh_log
    WHERE kind = 'universe' AND outcome <> 'failed' AND finished_time <= $then
),
seen AS (
    SELECT
        ticker,
        max(observed_time) AS seen_time,
        arg_max(coalesce(yes_bid_dollars, -1), observed_time)
            FILTER (WHERE coalesce(yes_bid_dollars, -1) IS NOT NULL) AS bid,
        arg_max(coalesce(yes_ask_dollars, -1), observed_time)
            FILTER (WHERE coalesce(yes_ask_dollars, -1) IS NOT NULL) AS ask,
        arg_max(coalesce(last_price_dollars, -1), observed_time)
            FILTER (WHERE coalesce(last_price_dollars, -1) IS NOT NULL) AS last
    FROM quotes
    WHERE day BETWEEN $first_day AND $last_day AND observed_time <= $then
    GROUP BY ticker
)
SELECT
    ticker, seen_time,
    nullif(bid, -1) AS seen_bid_dollars, nullif(ask, -1) AS seen_ask_dollars, nullif(last, -1) AS seen_price_dollars
FROM seen
WHERE seen_time >= $looked_from OR (SELECT crawl_time FROM crawl) >= $looked_from
