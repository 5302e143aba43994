-- What rules say of two states: for every rule and market whether the measured value crossed the rule's threshold
-- between `alert_before` and `alert_now` (both: ticker and one column a metric, null where it cannot be measured), or
-- grew to 1.2 times what was last told.
-- A rule is met while rising and value >= threshold, or not rising and value <= threshold. It fires when it is met and
-- was not before: a value that was not measurable met nothing, but a price has to have been on the other side.
-- The same rule and market fire again only after a silence (last told before $silent_since), unless a `growing` value is 1.2 times as large.
-- At most $most markets a rule, largest first; `matched` counts all of them.
-- Rules look at named markets (`alert_scope`) or at those that pass a filter, with the columns of markets.sql.
WITH both_states AS (
    SELECT
        a.ticker,
        a.price, b.price AS price_before,
        a.spread, b.spread AS spread_before,
        a.move_1, b.move_1 AS move_1_before,
        a.move_6, b.move_6 AS move_6_before,
        a.move_24, b.move_24 AS move_24_before,
        a.surge, b.surge AS surge_before,
        a.closing, b.closing AS closing_before
    FROM alert_now AS a
    JOIN alert_before AS b ON b.ticker = a.ticker
),
changed AS (
    SELECT ticker, 'price' AS metric, price AS value, price_before AS value_before
    FROM both_states WHERE price IS DISTINCT FROM price_before
    UNION ALL
    SELECT ticker, 'spread', spread, spread_before FROM both_states WHERE spread IS DISTINCT FROM spread_before
    UNION ALL
    SELECT ticker, 'move_1', move_1, move_1_before FROM both_states WHERE move_1 IS DISTINCT FROM move_1_before
    UNION ALL
    SELECT ticker, 'move_6', move_6, move_6_before FROM both_states WHERE move_6 IS DISTINCT FROM move_6_before
    UNION ALL
    SELECT ticker, 'move_24', move_24, move_24_before FROM both_states WHERE move_24 IS DISTINCT FROM move_24_before
    UNION ALL
    SELECT ticker, 'size_1', abs(move_1), abs(move_1_before)
    FROM both_states WHERE abs(move_1) IS DISTINCT FROM abs(move_1_before)
    UNION ALL
    SELECT ticker, 'size_6', abs(move_6), abs(move_6_before)
    FROM both_states WHERE abs(move_6) IS DISTINCT FROM abs(move_6_before)
    UNION ALL
    SELECT ticker, 'size_24', abs(move_24), abs(move_24_before)
    FROM both_states WHERE abs(move_24) IS DISTINCT FROM abs(move_24_before)
    UNION ALL
    SELECT ticker, 'surge', surge, surge_before FROM both_states WHERE surge IS DISTINCT FROM surge_before
    UNION ALL
    SELECT ticker, 'closing', closing, closing_before FROM both_states WHERE closing IS DISTINCT FROM closing_before
),
asked AS (
    SELECT metric, rising, min(threshold) AS least, max(threshold) AS most
    FROM alert_rules
    GROUP BY metric, rising
),
-- Only what stood short of the furthest threshold of its metric, and reached the nearest, can have crossed any.
crossed AS (
    SELECT c.*, q.rising
    FROM changed AS c
    JOIN asked AS q
        ON q.metric = c.metric
        AND CASE
            WHEN q.rising THEN c.value >= q.least AND coalesce(c.value_before < q.most, TRUE)
            ELSE c.value <= q.most AND coalesce(c.value_before > q.least, TRUE)
        END
    WHERE c.value_before IS NOT NULL OR c.metric <> 'price'
),
named AS (
    SELECT r.*, s.ticker
    FROM alert_scope AS s
    JOIN alert_rules AS r ON r.rule_key = s.rule_key
),
newly_met AS (
    SELECT r.rule_key, r.is_listed, r.growing, r.threshold, c.ticker, c.value, c.value_before
    FROM crossed AS c
    JOIN named AS r ON r.ticker = c.ticker AND r.metric = c.metric AND r.rising = c.rising
    WHERE CASE
        WHEN r.rising THEN c.value >= r.threshold AND coalesce(c.value_before < r.threshold, TRUE)
        ELSE c.value <= r.threshold AND coalesce(c.value_before > r.threshold, TRUE)
    END
    UNION ALL
    SELECT r.rule_key, r.is_listed, r.growing, r.threshold, c.ticker, c.value, c.value_before
    FROM crossed AS c
    JOIN alert_rules AS r ON NOT r.is_listed AND r.metric = c.metric AND r.rising = c.rising
    WHERE CASE
        WHEN r.rising THEN c.value >= r.threshold AND coalesce(c.value_before < r.threshold, TRUE)
        ELSE c.value <= r.threshold AND coalesce(c.value_before > r.threshold, TRUE)
    END
),
-- What was told already and is still met, 1.2 times as large: the few pairs that something was said of.
larger AS (
    SELECT r.rule_key, r.is_listed, r.growing, r.threshold, c.ticker, c.value, c.value_before
    FROM alert_fired AS f
    JOIN alert_rules AS r ON r.rule_key = f.rule_key AND r.growing
    JOIN changed AS c ON c.ticker = f.ticker AND c.metric = r.metric
    LEFT JOIN alert_scope AS s ON s.rule_key = r.rule_key AND s.ticker = c.ticker
    WHERE abs(c.value) >= 1.2 * abs(f.value)
        AND CASE WHEN r.rising THEN c.value >= r.threshold ELSE c.value <= r.threshold END
        AND (NOT r.is_listed OR s.ticker IS NOT NULL)
),
fired AS (
    SELECT n.*
    FROM newly_met AS n
    LEFT JOIN alert_fired AS f ON f.rule_key = n.rule_key AND f.ticker = n.ticker AND f.fired_time > $silent_since
    WHERE f.rule_key IS NULL
    UNION
    SELECT * FROM larger
),
ranked AS (
    SELECT
        f.rule_key, f.ticker, f.value, f.value_before, f.threshold,
        l.title, l.outcome, l.quote_time,
        count(*) OVER (PARTITION BY f.rule_key) AS matched,
        row_number() OVER (PARTITION BY f.rule_key ORDER BY abs(f.value) DESC, f.ticker) AS place
    FROM fired AS f
    JOIN alert_rules AS r ON r.rule_key = f.rule_key
    JOIN market_list AS l ON l.ticker = f.ticker
    WHERE r.is_listed OR (
        (r.word1 = '' OR contains(l.search_text, r.word1))
        AND (r.word2 = '' OR contains(l.search_text, r.word2))
        AND (r.word3 = '' OR contains(l.search_text, r.word3))
        AND (r.word4 = '' OR contains(l.search_text, r.word4))
        AND (len(r.statuses) = 0 OR list_contains(r.statuses, l.status))
        AND (len(r.categories) = 0 OR list_contains(r.categories, l.category))
        AND (len(r.series) = 0 OR list_contains(r.series, l.series_ticker))
        AND (len(r.qualities) = 0 OR list_contains(r.qualities, l.quote_quality))
        AND (r.probability_min IS NULL OR l.probability >= r.probability_min)
        AND (r.probability_max IS NULL OR l.probability <= r.probability_max)
        AND (r.spread_max IS NULL OR l.spread_dollars <= r.spread_max)
        AND (r.volume_min IS NULL OR l.volume_contracts >= r.volume_min)
        AND (r.volume_24h_min IS NULL OR l.volume_24h_contracts >= r.volume_24h_min)
        AND (r.open_interest_min IS NULL OR l.open_interest_contracts >= r.open_interest_min)
        AND (r.closes_from IS NULL OR l.expected_time >= r.closes_from)
        AND (r.closes_to IS NULL OR l.expected_time <= r.closes_to)
    )
)
SELECT * EXCLUDE (place)
FROM ranked
WHERE place <= $most
ORDER BY rule_key, place
