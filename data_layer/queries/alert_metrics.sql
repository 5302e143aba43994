-- What rules look at, per open market: chance in percent, spread in cents, moves in percentage points over 1, 6 and 24
-- hours, contracts of 24 hours over the mean day before, and hours until it is expected to end. Null where something
-- of it is missing, and for a move that is not beyond half the wider of the two spreads.
-- Then and now are compared like with like: mid with mid where both spreads are at most 20 cents, else trade with trade.
-- A market that the history does not name in the days before, though it reaches there ($reaches_…), had not changed
-- since: its change of 24 hours is its change of the last one and six.
-- unknown_…: nothing is stored that the measure could be counted from. A move within the spread is null and known.
WITH compared AS (
    SELECT
        m.ticker, m.probability, m.spread_dollars, m.previous_spread_dollars, m.change_24h_pp, m.expected_time,
        CASE
            WHEN a.ticker IS NULL THEN CASE WHEN $reaches_1 THEN m.change_24h_pp END
            WHEN m.spread_dollars <= 0.20 AND a.seen_ask_dollars - a.seen_bid_dollars <= 0.20
                THEN 100 * (m.probability - CAST((a.seen_bid_dollars + a.seen_ask_dollars) * 0.5 AS DECIMAL(10, 5)))
            ELSE 100 * (m.last_price_dollars - a.seen_price_dollars)
        END AS change_1,
        CASE WHEN a.ticker IS NULL THEN m.previous_spread_dollars ELSE a.seen_ask_dollars - a.seen_bid_dollars END
            AS spread_1,
        CASE
            WHEN b.ticker IS NULL THEN CASE WHEN $reaches_6 THEN m.change_24h_pp END
            WHEN m.spread_dollars <= 0.20 AND b.seen_ask_dollars - b.seen_bid_dollars <= 0.20
                THEN 100 * (m.probability - CAST((b.seen_bid_dollars + b.seen_ask_dollars) * 0.5 AS DECIMAL(10, 5)))
            ELSE 100 * (m.last_price_dollars - b.seen_price_dollars)
        END AS change_6,
        CASE WHEN b.ticker IS NULL THEN m.previous_spread_dollars ELSE b.seen_ask_dollars - b.seen_bid_dollars END
            AS spread_6,
        a.ticker IS NULL AND NOT $reaches_1 AS unknown_1,
        b.ticker IS NULL AND NOT $reaches_6 AS unknown_6,
        s.surge,
        d.mean_daily_contracts IS NULL AS unknown_surge
    FROM market_list AS m
    LEFT JOIN then_1 AS a ON a.ticker = m.ticker
    LEFT JOIN then_6 AS b ON b.ticker = m.ticker
    LEFT JOIN surges AS s ON s.ticker = m.ticker
    LEFT JOIN mean_days AS d ON d.ticker = m.ticker
    WHERE m.status = 'active'
)
SELECT
    ticker,
    CAST(100 * probability AS DECIMAL(18, 5)) AS price,
    CAST(100 * spread_dollars AS DECIMAL(18, 5)) AS spread,
    CASE
        WHEN abs(change_1) > 50 * greatest(coalesce(spread_dollars, 0), coalesce(spread_1, 0))
            THEN CAST(change_1 AS DECIMAL(18, 5))
    END AS move_1,
    CASE
        WHEN abs(change_6) > 50 * greatest(coalesce(spread_dollars, 0), coalesce(spread_6, 0))
            THEN CAST(change_6 AS DECIMAL(18, 5))
    END AS move_6,
    CASE
        WHEN abs(change_24h_pp) > 50 * greatest(coalesce(spread_dollars, 0), coalesce(previous_spread_dollars, 0))
            THEN CAST(change_24h_pp AS DECIMAL(18, 5))
    END AS move_24,
    CAST(surge AS DECIMAL(18, 5)) AS surge,
    CAST((epoch(expected_time) - epoch($now)) / 3600.0 AS DECIMAL(18, 5)) AS closing,
    unknown_1, unknown_6, change_24h_pp IS NULL AS unknown_24, unknown_surge
FROM compared
