"""One GET over HTTP: fixed host, deadline, size cap, no redirects, no surprises from the environment."""

from __future__ import annotations

import http.client
import http.cookiejar
import ipaddress
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from data_layer.api.deadline import Deadline, DeadlineAdapter
from data_layer.api.refusals import refusal
from data_layer.api.signing import ApiKey
from data_layer.errors import KalshiConnectionError, KalshiError, KalshiPayloadError, KalshiRedirectError

USER_AGENT = "kalshi-dashboard/0.1 (read-only analytics; python-requests)"
MOST_BYTES = 32 * 1024 * 1024
MOST_ERROR_BYTES = 64 * 1024
CONNECT_TIMEOUT_SECONDS = 5.0
SILENCE_TIMEOUT_SECONDS = 10.0

_CHUNK = 65536
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


@dataclass(frozen=True)
class Answer:
    """A good answer: its decoded bytes, and how many travelled."""

    body: bytes
    wire_bytes: int


def checked_base_url(url: str) -> str:
    """Return a base URL without its last slash; raise ValueError unless it is https or loopback."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise ValueError(f"Not a base URL: {url!r}.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError(f"Only https (or http on loopback) is allowed, not {url!r}.")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _NoRedirects(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """See no redirect at all: told not to follow one, `requests` still unpacks its body and parses its target."""


class Transport:
    """A pool of connections that sends one GET at a time per thread and reads its answer strictly.

    Parameters: `ca_bundle` replaces the certificate authorities (the environment is not read);
    `most_bytes` caps the decoded body. Thread-safe.
    """

    def __init__(
        self,
        *,
        api_key: ApiKey | None = None,
        ca_bundle: Path | None = None,
        most_bytes: int = MOST_BYTES,
        silence_timeout_seconds: float = SILENCE_TIMEOUT_SECONDS,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._api_key = api_key
        self._most_bytes = most_bytes
        self._silence_timeout_seconds = silence_timeout_seconds
        self._wall_clock = wall_clock
        self._session = _NoRedirects()
        self._session.trust_env = False
        self._session.verify = str(ca_bundle) if ca_bundle else True
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._session.headers.update(
            {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, DeadlineAdapter(pool_maxsize=16))

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def get(self, base_url: str, path: str, params: Sequence[tuple[str, str]], *, seconds: float) -> Answer:
        """Ask `base_url + path` and return its JSON bytes within `seconds` of wall-clock time.

        Raises KalshiConnectionError if no whole answer came, the matching error for a status of 300 or more,
        and KalshiPayloadError for an answer that is too big, wrongly compressed, or not declared as JSON.
        """
        host = urlsplit(base_url).netloc
        url = base_url + path
        headers = {}
        if self._api_key is not None:
            headers = self._api_key.headers("GET", urlsplit(url).path, int(self._wall_clock() * 1000))
        timeout = (min(CONNECT_TIMEOUT_SECONDS, seconds), min(self._silence_timeout_seconds, seconds))
        with Deadline(seconds) as deadline:
            try:
                response = self._session.get(
                    url, params=params, headers=headers, timeout=timeout, stream=True, allow_redirects=False
                )
                with response:
                    answer = self._read(response, path)
            except (KalshiError, *_BROKEN) as error:
                # A connection cut in the headers reads like an answer without a body: the deadline comes first.
                if deadline.passed or not isinstance(error, KalshiError):
                    happened = f"did not finish answering within {seconds:.0f} s" if deadline.passed else _what(error)
                    raise KalshiConnectionError(f"{host} {happened}.", path=path) from error
                error.path = error.path or path
                raise
            return answer

    def _read(self, response: requests.Response, path: str) -> Answer:
        status = response.status_code
        if 300 <= status < 400:
            raise KalshiRedirectError(
                f"Kalshi answered with a redirect ({status}), which is not followed.", status=status
            )
        most = self._most_bytes if status == 200 else MOST_ERROR_BYTES
        body, wire_bytes = _read_body(response, most)
        if status >= 400:
            raise refusal(status, response.headers, self._redacted(body), path=path, now=self._wall_clock())
        excerpt = self._redacted(body[:300]).decode("utf-8", "replace")
        if status != 200:
            raise KalshiPayloadError(f"Kalshi answered with status {status}.", status=status, body_excerpt=excerpt)
        _check_content_type(response.headers.get("Content-Type", ""), excerpt)
        return Answer(body, wire_bytes)

    def _redacted(self, body: bytes) -> bytes:
        if self._api_key is None:
            return body
        return self._api_key.redact(body.decode("utf-8", "replace")).encode()


def _read_body(response: requests.Response, most: int) -> tuple[bytes, int]:
    """Read and decompress a body, never holding more than `most` bytes of it."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise KalshiPayloadError(f"The answer came compressed as {encoding[:20]!r}, which was not asked for.")
    gunzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body, wire_bytes = bytearray(), 0
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        wire_bytes += len(chunk)
        try:
            body += gunzip.decompress(chunk, most + 1 - len(body)) if gunzip else chunk
        except zlib.error as error:
            raise KalshiPayloadError("The answer says it is gzip, and is not.") from error
        if len(body) > most:
            raise KalshiPayloadError(f"The answer is larger than {most // 1024:,} KiB.")
    if gunzip and not gunzip.eof and wire_bytes:
        raise KalshiConnectionError("The answer was cut short.")
    return bytes(body), wire_bytes


def _check_content_type(header: str, excerpt: str) -> None:
    kind, _, parameters = header.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    is_json = kind.strip() == "application/json" or (
        kind.startswith("application/") and kind.strip().endswith("+json")
    )
    if is_json and charset in ("", "utf-8", "utf8"):
        return
    what = header[:60] or "nothing"
    raise KalshiPayloadError(f"The answer is not JSON in UTF-8: it declares {what!r}.", body_excerpt=excerpt)


def _what(error: Exception) -> str:
    """Say what went wrong with a connection, without the address or headers a raw message may quote."""
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return "could not prove its identity (TLS)"
    if isinstance(error, requests.ConnectTimeout):
        return "could not be reached in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return "was silent for too long"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "could not be reached"
    return "broke off the connection"
