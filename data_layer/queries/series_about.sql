-- One series as it was fetched; where it was not, its ticker if a market of it is stored.
WITH known AS (
    SELECT series_ticker, max(series_title) AS title, max(category) AS category
    FROM market_list
    WHERE series_ticker = $series
    GROUP BY series_ticker
)
SELECT
    coalesce(s.series_ticker, k.series_ticker) AS series_ticker,
    coalesce(s.title, k.title) AS title,
    coalesce(s.category, k.category) AS category,
    s.tags, s.frequency, s.fee_type, s.fee_multiplier, s.volume_contracts, s.settlement_sources_json,
    s.contract_url, s.contract_terms_url, s.additional_prohibitions_json, s.last_updated_time, s.fetched_time
FROM (SELECT * FROM series WHERE series_ticker = $series) AS s
FULL OUTER JOIN known AS k ON k.series_ticker = s.series_ticker
