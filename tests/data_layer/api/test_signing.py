"""The API key: right signatures, kept where nobody reads them, told to no one."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from data_layer.api import ApiKey, KalshiClient, RetryPolicy, SigningError
from data_layer.errors import KalshiError
from tests.data_layer.api.scripted import Asked, ScriptedServer, http_answer

KEY_ID = "canary-key-id-5d1c"
WALL = 1_790_000_000.25


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    no_password = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)


@pytest.fixture
def key_file(tmp_path: Path, private_key: rsa.RSAPrivateKey) -> Path:
    path = tmp_path / "key.pem"
    path.touch(0o600)
    path.write_bytes(pem_of(private_key))
    return path


def test_the_server_can_verify_time_method_and_path_without_the_query(
    serve: Callable[..., ScriptedServer],
    connect: Callable[..., KalshiClient],
    key_file: Path,
    private_key: rsa.RSAPrivateKey,
) -> None:
    server = serve(lambda asked, connected: http_answer({"markets": []}))
    client = connect(server.url, api_key=ApiKey(KEY_ID, key_file), wall_clock=lambda: WALL)
    list(client.iter_market_pages(status="open"))
    headers = server.asked[0].headers
    assert headers["kalshi-access-key"] == KEY_ID
    assert headers["kalshi-access-timestamp"] == "1790000000250"
    message = b"1790000000250GET/trade-api/v2/markets"
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256().digest_size)
    signature = base64.b64decode(headers["kalshi-access-signature"])
    private_key.public_key().verify(signature, message, pss, hashes.SHA256())


def test_without_a_key_no_key_headers_are_sent(
    serve: Callable[..., ScriptedServer], connect: Callable[..., KalshiClient]
) -> None:
    server = serve(lambda asked, connected: http_answer({"markets": []}))
    list(connect(server.url).iter_market_pages())
    assert not [name for name in server.asked[0].headers if name.startswith("kalshi")]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_others_may_read_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(SigningError, match="chmod 600"):
        ApiKey(KEY_ID, key_file)


def test_a_missing_broken_or_foreign_key_file_is_refused_without_quoting_it(tmp_path: Path) -> None:
    for content in (None, b"secret-words", pem_of(ec.generate_private_key(ec.SECP256R1()))):
        path = tmp_path / "other.pem"
        if content is not None:
            path.touch(0o600)
            path.write_bytes(content)
        with pytest.raises(SigningError) as caught:
            ApiKey(KEY_ID, path)
        assert "secret-words" not in "".join(traceback.format_exception_only(caught.value))


def test_the_key_shows_in_no_repr_log_error_or_traceback_even_if_the_server_echoes_it(
    serve: Callable[..., ScriptedServer],
    connect: Callable[..., KalshiClient],
    key_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def echo(asked: Asked, connected: object) -> bytes:
        body = "; ".join(f"{name}: {value}" for name, value in asked.headers.items())
        status = {"/a": 400, "/b": 503, "/c": 302, "/d": 200}[asked.path.removesuffix("/candlesticks")[-2:]]
        return http_answer({"error": {"details": body}, "ticker": body}, status, {"X-Echo": body})

    server = serve(echo)
    key = ApiKey(KEY_ID, key_file)
    seen = [repr(key), str(key), repr(vars(key).keys())]
    with caplog.at_level(logging.DEBUG):
        for ticker in "abcd":
            client = connect(server.url, api_key=key, policy=RetryPolicy(attempts=2, deadline_seconds=5))
            with pytest.raises(KalshiError) as caught:
                client.get_historical_candlesticks(ticker, 0, 10) if ticker == "d" else client.get_series(ticker)
            error = caught.value
            seen += [repr(error), str(error), error.body_excerpt, error.details, error.code]
            seen += traceback.format_exception(error)
            seen += [repr(client), repr(client.statistics())]
    seen += caplog.messages
    secret = base64.b64encode(key_file.read_bytes()).decode()[40:80]
    body = key_file.read_text().split("\n")[3]
    assert caplog.messages, "urllib3 logs at debug level, so there was something to look through"
    for text in seen:
        assert KEY_ID not in text
        assert secret not in text
        assert body not in text


def test_a_key_is_not_pickled(key_file: Path) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(ApiKey(KEY_ID, key_file))
