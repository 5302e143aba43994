-- The market list in memory: the last whole crawl, overlaid with newer quotes, joined with event and series.
-- probability: mid where both sides are quoted and the spread is at most 20 cents, else the last trade, else null.
-- change_24h_pp compares like with like: mid with mid, or trade with trade; null where a side of it is missing.
WITH newer AS (
    SELECT *
    FROM (
        SELECT q.*, row_number() OVER (PARTITION BY q.ticker ORDER BY q.observed_time DESC) AS place
        FROM quotes AS q
        INNER JOIN markets AS m ON m.ticker = q.ticker AND m.fetched_time < q.observed_time
        -- Settled markets stay in the list for a day as they were; nothing is quoted of them.
        WHERE q.observed_time > (SELECT min(fetched_time) FROM markets WHERE status <> 'finalized')
    ) AS recent
    WHERE place = 1
),
quoted AS (
    SELECT
        m.ticker, m.event_ticker, m.series_ticker, m.title, m.yes_sub_title AS outcome,
        m.open_time, m.close_time, m.expected_expiration_time, m.tick_dollars,
        least(
            m.close_time, coalesce(m.expected_expiration_time, m.occurrence_time, m.close_time)
        ) AS expected_time,
        m.previous_yes_bid_dollars, m.previous_yes_ask_dollars, m.previous_price_dollars,
        n.ticker IS NOT NULL AS is_newer,
        CASE WHEN is_newer THEN coalesce(n.status, m.status) ELSE m.status END AS status,
        CASE WHEN is_newer THEN n.yes_bid_dollars ELSE m.yes_bid_dollars END AS yes_bid_dollars,
        CASE WHEN is_newer THEN n.yes_ask_dollars ELSE m.yes_ask_dollars END AS yes_ask_dollars,
        CASE WHEN is_newer THEN n.yes_bid_size_contracts ELSE m.yes_bid_size_contracts END
            AS yes_bid_size_contracts,
        CASE WHEN is_newer THEN n.yes_ask_size_contracts ELSE m.yes_ask_size_contracts END
            AS yes_ask_size_contracts,
        CASE WHEN is_newer THEN n.last_price_dollars ELSE m.last_price_dollars END AS last_price_dollars,
        CASE WHEN is_newer THEN n.volume_contracts ELSE m.volume_contracts END AS volume_contracts,
        CASE WHEN is_newer THEN n.volume_24h_contracts ELSE m.volume_24h_contracts END
            AS volume_24h_contracts,
        CASE WHEN is_newer THEN n.open_interest_contracts ELSE m.open_interest_contracts END
            AS open_interest_contracts,
        CASE WHEN is_newer THEN n.observed_time ELSE m.fetched_time END AS quote_time
    FROM markets AS m
    LEFT JOIN newer AS n ON n.ticker = m.ticker
),
measured AS (
    SELECT
        *,
        status = 'active' AS is_active,
        yes_ask_dollars - yes_bid_dollars AS spread_dollars,
        CAST((yes_bid_dollars + yes_ask_dollars) * 0.5 AS DECIMAL(10, 5)) AS mid_dollars,
        CAST((previous_yes_bid_dollars + previous_yes_ask_dollars) * 0.5 AS DECIMAL(10, 5)) AS previous_mid_dollars,
        previous_yes_ask_dollars - previous_yes_bid_dollars AS previous_spread_dollars
    FROM quoted
)
SELECT
    q.ticker, q.event_ticker, coalesce(q.series_ticker, e.series_ticker) AS series_ticker,
    coalesce(s.category, e.category) AS category,
    coalesce(q.title, e.title, q.ticker) AS title, q.outcome, e.title AS event_title, s.title AS series_title,
    q.status,
    q.yes_bid_dollars, q.yes_ask_dollars, q.yes_bid_size_contracts, q.yes_ask_size_contracts, q.spread_dollars,
    q.previous_spread_dollars,
    CASE
        WHEN NOT q.is_active THEN NULL
        WHEN q.spread_dollars <= 0.20 THEN q.mid_dollars
        ELSE CAST(q.last_price_dollars AS DECIMAL(10, 5))
    END AS probability,
    CASE
        WHEN NOT q.is_active THEN 'none'
        WHEN q.spread_dollars <= 0.02 THEN 'tight'
        WHEN q.spread_dollars <= 0.10 THEN 'ok'
        WHEN q.spread_dollars IS NOT NULL THEN 'wide'
        WHEN q.yes_bid_dollars IS NOT NULL OR q.yes_ask_dollars IS NOT NULL THEN 'one-sided'
        ELSE 'none'
    END AS quote_quality,
    q.last_price_dollars,
    CASE
        WHEN NOT q.is_active THEN NULL
        WHEN q.spread_dollars <= 0.20 AND q.previous_spread_dollars <= 0.20
            THEN CAST(100 * (q.mid_dollars - q.previous_mid_dollars) AS DECIMAL(9, 3))
        ELSE CAST(100 * (q.last_price_dollars - q.previous_price_dollars) AS DECIMAL(9, 3))
    END AS change_24h_pp,
    q.volume_contracts, q.volume_24h_contracts, q.open_interest_contracts,
    q.close_time, q.expected_expiration_time, q.expected_time, q.open_time, q.tick_dollars, q.quote_time,
    lower(concat_ws(' ', q.ticker, q.title, q.outcome, e.title, e.sub_title, s.title)) AS search_text
FROM measured AS q
LEFT JOIN events AS e ON e.event_ticker = q.event_ticker
LEFT JOIN series AS s ON s.series_ticker = coalesce(q.series_ticker, e.series_ticker)
