"""A client we did not write, taken from PyPI as it is, can use the simulated exchange."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

pykalshi = pytest.importorskip("pykalshi", reason="pykalshi (a third-party client) is not installed")
NOW = 1_795_366_800


@pytest.fixture(scope="module")
def client(still, tmp_path_factory) -> Any:
    """It wants a key for everything; the exchange does not look at it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path: Path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pykalshi.KalshiClient(api_key_id="demo", private_key_path=str(path), api_base=still.base_url) as made:
        yield made


def test_it_walks_markets_and_reads_one_with_its_book_and_candles(client, busiest):
    series, ours = busiest[0]
    market = client.get_market(ours["ticker"])
    assert market.ticker == ours["ticker"]
    assert Decimal(market.yes_bid_dollars) == Decimal(ours["yes_bid_dollars"])
    assert market.status == "active"
    book = market.get_orderbook()
    assert book is not None
    candles = market.get_candlesticks(NOW - 86400, NOW, period=pykalshi.CandlestickPeriod.ONE_HOUR)
    assert candles
    trades = market.get_trades(limit=10)
    assert len(trades) == 10
    listed = client.get_markets(status=pykalshi.MarketStatus.OPEN, series_ticker=series, limit=100)
    assert ours["ticker"] in {one.ticker for one in listed}


def test_it_reads_events_series_and_the_exchange(client, busiest):
    series, ours = busiest[0]
    event = client.get_event(ours["event_ticker"])
    assert event.series_ticker == series
    assert ours["ticker"] in {market.ticker for market in event.get_markets()}
    assert client.get_series(series).ticker == series
    assert len(client.get_events(limit=20)) == 20
    assert client.exchange.is_trading() is True
    assert client.get_trades(limit=5)


def test_it_reads_the_historical_tier(client):
    assert client.history.get_cutoff()
    old = client.history.get_markets(limit=5)
    assert len(old) == 5
    assert client.history.get_market(old[0].ticker).ticker == old[0].ticker


def test_it_understands_our_refusals(client):
    with pytest.raises(pykalshi.ResourceNotFoundError):
        client.get_market("NOSUCH")
