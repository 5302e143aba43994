-- The last stored order book of one market; on each side the best bid (highest price) first.
SELECT side, price_dollars, count_contracts, observed_time
FROM order_books
WHERE ticker = $ticker
    AND observed_time = (SELECT max(observed_time) FROM order_books WHERE ticker = $ticker)
ORDER BY side DESC, price_dollars DESC
