-- How many open markets have the history that a surge is measured against, and how many have any.
SELECT count(*) AS markets, count(mean_daily_contracts) AS measured_markets
FROM mean_days
