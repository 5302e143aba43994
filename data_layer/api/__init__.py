"""The wire: client, rate limit, retry, pagination, strict decoding, and nothing else.

Belongs here: HTTP and what Kalshi's JSON looks like. Does not: Arrow, Parquet, SQL, what is done with the data.
"""

from data_layer.api.client import BASE_URLS, KalshiClient
from data_layer.api.page import Candlesticks, EventPage, Page, RejectedRow
from data_layer.api.pagination import Walk
from data_layer.api.rate_limit import RateLimit, Unlimited
from data_layer.api.retry import RetryPolicy
from data_layer.api.signing import ApiKey, SigningError
from data_layer.api.statistics import ClientStatistics, RequestRecord
from data_layer.api.tickers import is_ticker

__all__ = [
    "BASE_URLS",
    "ApiKey",
    "Candlesticks",
    "ClientStatistics",
    "EventPage",
    "KalshiClient",
    "Page",
    "RateLimit",
    "RejectedRow",
    "RequestRecord",
    "RetryPolicy",
    "SigningError",
    "Unlimited",
    "Walk",
    "is_ticker",
]
