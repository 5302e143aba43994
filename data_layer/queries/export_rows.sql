-- All rows of one stored table (its name is put in by the repository, from the schemas), with the series of a market.
SELECT t.*, coalesce(m.series_ticker, s.series_ticker) AS series_ticker
FROM /*table*/ AS t
LEFT JOIN market_list AS m ON m.ticker = t.ticker
LEFT JOIN settled_markets AS s ON s.ticker = t.ticker
