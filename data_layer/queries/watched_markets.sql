-- Watched markets that the list of markets knows, open or not.
SELECT * EXCLUDE (search_text)
FROM market_list
WHERE list_contains($tickers, ticker)
ORDER BY ticker
