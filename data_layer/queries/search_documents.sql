-- Everything that can be found by its name: what an index of words is built from, parents before children.
-- `volume` is that of 24 hours, of all markets inside that trade; null where none does, so that what is over comes
-- after what is open. `words` are looked in and not shown. Tickers are also looked for without the prefix that nearly all
-- of them have.
WITH listed AS (
    SELECT
        *, CASE WHEN status IN ('active', 'inactive') THEN coalesce(volume_24h_contracts, 0) END AS volume
    FROM market_list
),
events_listed AS (
    SELECT
        event_ticker, max(series_ticker) AS series_ticker, max(coalesce(event_title, title)) AS title,
        count(*) AS markets, sum(volume) AS volume
    FROM listed
    GROUP BY event_ticker
),
series_listed AS (
    SELECT series_ticker, sum(markets) AS markets, sum(volume) AS volume
    FROM events_listed
    GROUP BY series_ticker
),
tags AS (
    SELECT unnest(tags) AS tag, series_ticker FROM series
),
tags_listed AS (
    SELECT t.tag, count(*) AS members, sum(l.volume) AS volume
    FROM tags AS t
    LEFT JOIN series_listed AS l ON l.series_ticker = t.series_ticker
    GROUP BY t.tag
),
categories_listed AS (
    SELECT category, count(*) AS members, sum(volume) AS volume
    FROM listed
    WHERE category IS NOT NULL AND status = 'active'
    GROUP BY category
)
SELECT
    1 AS place, 'category' AS kind, category AS key, category AS title, '' AS detail, '' AS words, '' AS parent_key,
    members, CAST(volume AS DOUBLE) AS volume
FROM categories_listed
UNION ALL
SELECT 2, 'tag', tag, tag, '', '', '', members, CAST(volume AS DOUBLE)
FROM tags_listed
UNION ALL
SELECT
    3, 'series', s.series_ticker, coalesce(s.title, s.series_ticker), coalesce(s.category, ''),
    concat_ws(
        ' ', s.series_ticker, CASE WHEN starts_with(s.series_ticker, 'KX') THEN substr(s.series_ticker, 3) END,
        array_to_string(s.tags, ' ')
    ),
    '', coalesce(l.markets, 0), CAST(l.volume AS DOUBLE)
FROM series AS s
LEFT JOIN series_listed AS l ON l.series_ticker = s.series_ticker
UNION ALL
SELECT
    4, 'event', l.event_ticker, l.title, coalesce(e.sub_title, ''),
    concat_ws(
        ' ', l.event_ticker, CASE WHEN starts_with(l.event_ticker, 'KX') THEN substr(l.event_ticker, 3) END
    ),
    coalesce(l.series_ticker, ''), l.markets, CAST(l.volume AS DOUBLE)
FROM events_listed AS l
LEFT JOIN events AS e ON e.event_ticker = l.event_ticker
UNION ALL
SELECT
    5, 'market', ticker, title, coalesce(outcome, ''),
    concat_ws(' ', ticker, CASE WHEN starts_with(ticker, 'KX') THEN substr(ticker, 3) END),
    event_ticker, 1, CAST(volume AS DOUBLE)
FROM listed
ORDER BY 1, 3
