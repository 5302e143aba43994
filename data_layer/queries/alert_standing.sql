-- How rules stand at one look (`alert_now`): how many open markets each looks at, of how many its measure is unknown,
-- and how many are beyond its threshold already. A rule without an open market has no row.
-- Rules look at named markets (`alert_scope`) or at those that pass a filter, as in alert_firings.sql.
WITH looked AS (
    SELECT s.rule_key, s.ticker
    FROM alert_scope AS s
    UNION ALL
    SELECT r.rule_key, l.ticker
    FROM alert_rules AS r
    JOIN market_list AS l
        ON NOT r.is_listed
        AND l.status = 'active'
        AND (r.word1 = '' OR contains(l.search_text, r.word1))
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
),
measured AS (
    SELECT
        r.rule_key, r.rising, r.threshold,
        CASE r.metric
            WHEN 'price' THEN a.price
            WHEN 'spread' THEN a.spread
            WHEN 'move_1' THEN a.move_1
            WHEN 'move_6' THEN a.move_6
            WHEN 'move_24' THEN a.move_24
            WHEN 'size_1' THEN abs(a.move_1)
            WHEN 'size_6' THEN abs(a.move_6)
            WHEN 'size_24' THEN abs(a.move_24)
            WHEN 'surge' THEN a.surge
            ELSE a.closing
        END AS value,
        CASE
            WHEN r.metric IN ('move_1', 'size_1') THEN a.unknown_1
            WHEN r.metric IN ('move_6', 'size_6') THEN a.unknown_6
            WHEN r.metric IN ('move_24', 'size_24') THEN a.unknown_24
            WHEN r.metric = 'surge' THEN a.unknown_surge
            WHEN r.metric = 'price' THEN a.price IS NULL
            WHEN r.metric = 'spread' THEN a.spread IS NULL
            ELSE a.closing IS NULL
        END AS is_unknown
    FROM looked AS k
    JOIN alert_rules AS r ON r.rule_key = k.rule_key
    JOIN alert_now AS a ON a.ticker = k.ticker
)
SELECT
    rule_key,
    count(*) AS markets,
    count(*) FILTER (WHERE is_unknown) AS unknown,
    count(*) FILTER (WHERE CASE WHEN rising THEN value >= threshold ELSE value <= threshold END) AS beyond
FROM measured
GROUP BY rule_key
ORDER BY rule_key
