-- Series with open markets whose ticker or title contains a text: beginnings of tickers first, then the largest.
-- Marks of emphasis (**) in a title are passed over, as the screen leaves them out.
SELECT series_ticker, max(series_title) AS title, count(*) AS markets
FROM market_list
WHERE status = 'active'
    AND (contains(lower(series_ticker), lower($text)) OR contains(lower(replace(series_title, '**', '')), lower($text)))
GROUP BY series_ticker
ORDER BY
    lower(series_ticker) = lower($text) DESC,
    starts_with(lower(series_ticker), lower($text)) DESC,
    markets DESC,
    series_ticker
LIMIT $limit
