"""A hostile or broken server: every answer ends in data or in a typed error, in bounded time and memory."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from data_layer.api.transport import Transport, checked_base_url
from data_layer.errors import (
    KalshiConnectionError,
    KalshiError,
    KalshiPayloadError,
    KalshiRedirectError,
)
from tests.data_layer.api.scripted import Asked, ScriptedServer, http_answer

Serve = Callable[..., ScriptedServer]
PATIENCE = 0.6
"""Seconds a request is given here; a guard far above it fails the test if the deadline does not hold."""


def get(server: ScriptedServer, *, seconds: float = PATIENCE, **more: object) -> bytes:
    transport = Transport(**more)  # type: ignore[arg-type]
    try:
        return transport.get(server.url, "/markets", [("limit", "1")], seconds=seconds).body
    finally:
        transport.close()


def drip(server_stops: threading.Event, connected: socket.socket, content: bytes) -> None:
    for byte in content:
        if server_stops.wait(0.05):
            return
        connected.sendall(bytes([byte]))


def test_a_good_answer_arrives_whole_and_the_request_says_who_asks(serve: Serve) -> None:
    server = serve(lambda asked, connected: http_answer({"markets": []}))
    assert json.loads(get(server)) == {"markets": []}
    headers = server.asked[0].headers
    assert headers["user-agent"].startswith("kalshi-dashboard/")
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "gzip")
    assert "cookie" not in headers
    assert "authorization" not in headers


def test_gzip_is_read(serve: Serve) -> None:
    body = gzip.compress(b'{"markets": []}')
    server = serve(lambda asked, connected: http_answer(body, headers={"Content-Encoding": "gzip"}))
    assert get(server) == b'{"markets": []}'


def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(KalshiConnectionError, match="could not be reached"):
        Transport().get(f"http://127.0.0.1:{port}", "/markets", [], seconds=PATIENCE)


@pytest.mark.parametrize("where", ["before the status", "in the headers", "in the body", "in a chunk size"])
def test_a_server_that_drips_is_cut_off_at_the_deadline(serve: Serve, where: str) -> None:
    def answer(asked: Asked, connected: socket.socket) -> None:
        drip_after = {
            "before the status": b"",
            "in the headers": b"HTTP/1.1 200 OK\r\nX-Long: ",
            "in the body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n",
            "in a chunk size": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n1;ext=",
        }[where]
        connected.sendall(drip_after)
        drip(server.stopping, connected, b"HTTP/1.1 200 OK\r\n" + b"a" * 2000)

    server = serve(answer)
    began = time.monotonic()
    with pytest.raises(KalshiConnectionError, match="did not finish answering"):
        get(server)
    assert time.monotonic() - began < 20, "the drip itself lasts 100 s"


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"])
def test_a_silent_server_is_given_up(serve: Serve, sent: bytes) -> None:
    def answer(asked: Asked, connected: socket.socket) -> None:
        connected.sendall(sent)
        server.stopping.wait(60)

    server = serve(answer)
    with pytest.raises(KalshiConnectionError, match="silent"):
        get(server, silence_timeout_seconds=0.2, seconds=30)


def test_an_answer_after_the_deadline_is_not_taken(serve: Serve) -> None:
    def answer(asked: Asked, connected: socket.socket) -> bytes:
        server.stopping.wait(1.5)
        return http_answer({"markets": []})

    server = serve(answer)
    with pytest.raises(KalshiConnectionError):
        get(server, seconds=0.3)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"not http at all\r\n\r\n",
        b"",
    ],
    ids=["short content-length", "truncated chunk", "garbled chunk", "no http", "closed at once"],
)
def test_an_answer_that_breaks_off_is_a_connection_error(serve: Serve, sent: bytes) -> None:
    def answer(asked: Asked, connected: socket.socket) -> None:
        connected.sendall(sent)

    with pytest.raises(KalshiConnectionError, match="broke off"):
        get(serve(answer), seconds=30)


def test_a_reset_in_the_body_is_a_connection_error(serve: Serve) -> None:
    def answer(asked: Asked, connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with pytest.raises(KalshiConnectionError):
        get(serve(answer), seconds=30)


def test_redirects_are_refused_and_nothing_follows_them(serve: Serve) -> None:
    elsewhere = serve(lambda asked, connected: http_answer({"markets": []}))
    server = serve(lambda asked, connected: http_answer(b"", 302, {"Location": elsewhere.url}))
    with pytest.raises(KalshiRedirectError):
        get(server)
    assert not elsewhere.asked


def bomb_of(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(megabytes)) + packer.flush()


@contextlib.contextmanager
def at_most_in_memory(most_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()


def test_a_refused_redirects_body_is_not_read(serve: Serve) -> None:
    """`requests` reads it whole and unpacks it, even when told not to follow."""
    headers = {"Location": "/elsewhere", "Content-Encoding": "gzip"}
    bomb = bomb_of(100)
    server = serve(lambda asked, connected: http_answer(bomb, 302, headers))
    with at_most_in_memory(20_000_000), pytest.raises(KalshiRedirectError):
        get(server, seconds=30)


def test_a_redirect_to_nonsense_is_a_redirect(serve: Serve) -> None:
    server = serve(lambda asked, connected: http_answer(b"", 301, {"Location": "http://[::1"}))
    with pytest.raises(KalshiRedirectError):
        get(server)


def test_a_body_beyond_the_cap_is_refused(serve: Serve) -> None:
    server = serve(lambda asked, connected: http_answer(b'"' + b"a" * 300_000 + b'"'))
    with pytest.raises(KalshiPayloadError, match="larger"):
        get(server, most_bytes=100_000, seconds=30)


def test_a_gzip_bomb_is_stopped_while_it_unpacks(serve: Serve) -> None:
    bomb = bomb_of(200)
    server = serve(lambda asked, connected: http_answer(bomb, headers={"Content-Encoding": "gzip"}))
    # Of its first 64 KiB, which hold 65 MB.
    with at_most_in_memory(20_000_000), pytest.raises(KalshiPayloadError, match="larger"):
        get(server, seconds=30, most_bytes=2_000_000)


@pytest.mark.parametrize(("encoding", "body"), [("gzip", b'{"markets": []}'), ("br", b"x"), ("gzip, gzip", b"x")])
def test_false_or_unasked_compression_is_refused(serve: Serve, encoding: str, body: bytes) -> None:
    server = serve(lambda asked, connected: http_answer(body, headers={"Content-Encoding": encoding}))
    with pytest.raises(KalshiPayloadError):
        get(server)


def test_gzip_cut_short_is_a_connection_error(serve: Serve) -> None:
    body = gzip.compress(json.dumps({"markets": list(range(1000))}).encode())[:-300]
    server = serve(lambda asked, connected: http_answer(body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(KalshiConnectionError, match="cut short"):
        get(server)


@pytest.mark.parametrize("kind", ["text/html", "", "text/plain; charset=utf-8", "application/json; charset=latin-1"])
def test_what_is_not_declared_as_json_in_utf_8_is_refused(serve: Serve, kind: str) -> None:
    server = serve(
        lambda asked, connected: http_answer(b"<html>Are you a robot?</html>", headers={"Content-Type": kind})
    )
    with pytest.raises(KalshiPayloadError, match="not JSON") as caught:
        get(server)
    assert "robot" in caught.value.body_excerpt


def test_an_endless_error_page_is_capped_too(serve: Serve) -> None:
    server = serve(lambda asked, connected: http_answer(b"x" * 1_000_000, 502))
    with pytest.raises(KalshiError):
        get(server, seconds=30)


def test_cookies_are_not_kept(serve: Serve) -> None:
    server = serve(lambda asked, connected: http_answer({}, headers={"Set-Cookie": "track=1; Path=/"}))
    transport = Transport()
    for _ in range(2):
        transport.get(server.url, "/markets", [], seconds=5)
    assert "cookie" not in server.asked[1].headers


def test_the_environments_proxies_and_credentials_are_ignored(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = serve(lambda asked, connected: http_answer({"from": "proxy"}))
    server = serve(lambda asked, connected: http_answer({"from": "server"}))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url.removesuffix("/trade-api/v2"))
    assert json.loads(get(server)) == {"from": "server"}
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://kalshi.com",
        "http://127.0.0.1.evil.example",
        "ftp://x",
        "https://me:pw@kalshi.com",
        "https://x/?a=1",
        "x",
        "",
    ],
)
def test_only_https_or_loopback_is_a_base_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|https"):
        checked_base_url(url)


def test_https_and_loopback_are_base_urls() -> None:
    assert (
        checked_base_url("https://external-api.kalshi.com/trade-api/v2/")
        == "https://external-api.kalshi.com/trade-api/v2"
    )
    assert checked_base_url("http://localhost:8000")
    assert checked_base_url("http://[::1]:8000")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a self-signed certificate with its key, for localhost."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return path


def test_a_drip_over_tls_is_cut_off_and_a_foreign_certificate_is_refused(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stopping = threading.Event()

    def serve_tls() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as connected:
                    connected.recv(65536)
                    connected.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                    drip(stopping, connected, b"a" * 2000)
            except OSError:
                if stopping.is_set():
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_tls, daemon=True)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}"
        with pytest.raises(KalshiConnectionError, match="did not finish answering"):
            Transport(ca_bundle=certificate).get(url, "/markets", [], seconds=PATIENCE)
        with pytest.raises(KalshiConnectionError, match="identity"):
            Transport().get(url, "/markets", [], seconds=5)
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
