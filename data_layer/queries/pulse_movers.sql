-- What moved most in 24 hours, in percentage points. A move has to be larger than half the wider of the two spreads,
-- now and then, or it may be nothing but the spread; thinly traded markets are left out.
SELECT *
FROM market_list
WHERE status = 'active'
    AND volume_24h_contracts >= $volume_24h_min
    AND abs(change_24h_pp) > 50 * greatest(coalesce(spread_dollars, 0), coalesce(previous_spread_dollars, 0))
ORDER BY abs(change_24h_pp) DESC, volume_24h_contracts DESC, ticker
LIMIT $limit
