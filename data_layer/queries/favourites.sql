-- Favourites: sides of open markets that cost much and pay a little more if they win, net of the taker's fee.
-- Both sides of one book: the NO bid is 1 less the YES ask. A side needs a bid and an ask, and the ask above the bid.
-- net_cost_dollars k = ask + fee / C; return_if_right r = (1 - k) / k; days T to the expected expiration plus the
-- settlement timer; annual return r x 365 / T, compound (1 + r)^(365 / T) - 1 up to a cap (`analytics.returns`). The
-- fee is the one of `analytics.fees`, exact (19 digits make DuckDB multiply in 38: docs/adr/0100); where it is not
-- known, or no expiration is expected, what needs it is null.
-- The counts stand in every row, and alone in one row where no side passes; what they and the page share is computed
-- once (MATERIALIZED: half the time over 150,000 markets).
WITH open_markets AS (
    SELECT
        ticker, event_ticker, series_ticker, category, title, outcome, event_title,
        yes_bid_dollars, yes_ask_dollars, yes_bid_size_contracts, yes_ask_size_contracts, spread_dollars,
        quote_quality, tick_dollars, volume_contracts, volume_24h_contracts, close_time, quote_time
    FROM market_list
    WHERE status = 'active' AND yes_bid_dollars > 0 AND yes_ask_dollars < 1 AND yes_ask_dollars > yes_bid_dollars
        AND ($category = '' OR category = $category)
        AND ($volume_min IS NULL OR volume_contracts >= $volume_min)
        AND ($closes_from IS NULL OR close_time >= $closes_from)
),
sides AS (
    SELECT
        * EXCLUDE (yes_bid_dollars, yes_ask_dollars, yes_bid_size_contracts, yes_ask_size_contracts), 'yes' AS side,
        CAST(yes_bid_dollars AS DECIMAL(5, 4)) AS bid_dollars, CAST(yes_ask_dollars AS DECIMAL(5, 4)) AS ask_dollars,
        yes_ask_size_contracts AS ask_size_contracts
    FROM open_markets
    WHERE $side <> 'no' AND yes_bid_dollars >= $bid_min
    UNION ALL
    SELECT
        * EXCLUDE (yes_bid_dollars, yes_ask_dollars, yes_bid_size_contracts, yes_ask_size_contracts), 'no' AS side,
        CAST(1 - yes_ask_dollars AS DECIMAL(5, 4)) AS bid_dollars,
        CAST(1 - yes_bid_dollars AS DECIMAL(5, 4)) AS ask_dollars,
        yes_bid_size_contracts AS ask_size_contracts
    FROM open_markets
    WHERE $side <> 'yes' AND 1 - yes_ask_dollars >= $bid_min
),
termed AS (
    SELECT
        q.*, m.expected_expiration_time, m.settlement_timer_seconds, m.fee_waiver_expiration_time,
        coalesce(e.fee_type_override, s.fee_type) AS fee_type,
        coalesce(e.fee_multiplier_override, s.fee_multiplier) AS fee_multiplier,
        greatest(
            1.0 / 24,
            (epoch(m.expected_expiration_time) + coalesce(m.settlement_timer_seconds, 0) - epoch($now)) / 86400.0
        ) AS days_to_settlement
    FROM sides AS q
    LEFT JOIN markets AS m ON m.ticker = q.ticker
    LEFT JOIN events AS e ON e.event_ticker = q.event_ticker
    LEFT JOIN series AS s ON s.series_ticker = q.series_ticker
    WHERE $expires_from IS NULL OR m.expected_expiration_time >= $expires_from OR m.expected_expiration_time IS NULL
),
charged AS (
    SELECT
        *,
        CASE
            WHEN fee_waiver_expiration_time > $now THEN CAST(0 AS DECIMAL(18, 2))
            WHEN fee_type IN ('quadratic', 'quadratic_with_maker_fees', 'quadratic_with_combo_maker_fees')
                AND fee_multiplier >= 0 AND fee_multiplier < 10000
                THEN CAST(0.01 AS DECIMAL(3, 2)) * CAST(
                    ceil(
                        CAST(7 AS DECIMAL(1, 0)) * TRY_CAST(fee_multiplier AS DECIMAL(19, 6))
                        * CAST($contracts AS DECIMAL(9, 0)) * ask_dollars * CAST(1 - ask_dollars AS DECIMAL(5, 4))
                    ) AS DECIMAL(15, 0)
                )
        END AS fee_dollars
    FROM termed
),
returned AS (
    SELECT
        *,
        CAST(ask_dollars AS DOUBLE) + CAST(fee_dollars AS DOUBLE) / $contracts AS net_cost_dollars,
        (1 - net_cost_dollars) / net_cost_dollars AS return_if_right,
        CASE WHEN expected_expiration_time IS NULL THEN NULL ELSE days_to_settlement END AS days
    FROM charged
),
annual AS MATERIALIZED (
    SELECT
        * EXCLUDE (days, days_to_settlement, fee_multiplier),
        days AS days_to_settlement,
        return_if_right * 365 / days AS simple_annual_return,
        CASE
            WHEN ln(1 + return_if_right) * 365 / days >= ln(1 + $compound_cap) THEN $compound_cap
            ELSE exp(ln(1 + return_if_right) * 365 / days) - 1
        END AS compound_annual_return
    FROM returned
),
passing AS MATERIALIZED (
    SELECT *
    FROM annual
    WHERE ($annual_min IS NULL OR simple_annual_return >= $annual_min)
        AND ($expires_from IS NULL OR expected_expiration_time IS NOT NULL)
),
page AS (
    SELECT *
    FROM passing
    ORDER BY /*order*/
    LIMIT $limit OFFSET $offset
),
counted AS (
    SELECT
        (SELECT count(*) FROM passing) AS total,
        count(*) AS sides,
        count(*) FILTER (WHERE fee_dollars IS NULL) AS fee_unknown,
        count(*) FILTER (WHERE days_to_settlement IS NULL) AS undated
    FROM annual
)
SELECT page.*, counted.*
FROM counted
LEFT JOIN page ON TRUE
ORDER BY /*order*/
