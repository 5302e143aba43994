"""The webhook of alerts: JSON to one https address, off the refresh's thread, tried again, and never anywhere else.

The name is resolved once and the connection goes to an address that was looked at, so that a name cannot point
elsewhere the second time. No redirects, no proxy of the environment, one deadline for all of it, and of the answer
only its status counts.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from data_layer.alert_journal import AlertJournal, AlertJournalError, Message

logger = logging.getLogger(__name__)

#: Waits before the second, third, … try; after the last one a message is given up.
BACKOFF_SECONDS = (5, 30, 120, 600, 1800)
DEADLINE_SECONDS = 10.0
#: Bytes of one message, and of an answer; the answer beyond is not read.
MOST_BYTES, MOST_ANSWER_BYTES = 256_000, 4_096
USER_AGENT = "kalshi-dashboard-alerts/1"


class WebhookError(Exception):
    """A message was not taken; the message says why, without the path of the address, which may be a secret."""


def checked_address(address: str, *, private: bool) -> str:
    """Return the address if messages may go there by its look; ValueError says why not.

    `private` allows http and addresses of this machine or network; what a name leads to is checked at each sending.
    """
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        raise ValueError("its port is no number") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ValueError("it has to begin with https://")
    if not parts.hostname or parts.username or parts.password or parts.fragment or port == 0:
        raise ValueError("it has to be https://host/path, without a user or a fragment")
    if not address.isascii() or any(c.isspace() for c in address) or len(address) > 2_000:
        raise ValueError("it has to be plain text of at most 2,000 characters")
    return address


def allowed_address(host: str, port: int, *, private: bool) -> str:
    """Resolve a host once and return an address to connect to; WebhookError when one of its addresses is not allowed.

    Loopback, private, link-local, shared, multicast and reserved addresses are refused unless `private`; an IPv4
    address inside an IPv6 one counts as what it is.
    """
    try:
        found = [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"{host} could not be resolved") from error
    for text in found:
        if not private and not _is_public(text):
            raise WebhookError(f"{host} leads to {text}, which is no public address")
    return found[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # NAT64 and 6to4 reach IPv4 as well.
        for inner in (address.ipv4_mapped, address.sixtofour, _nat64(address)):
            if inner is not None:
                return _is_public(str(inner))
    return address.is_global and not address.is_multicast


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    inside = address in ipaddress.IPv6Network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if inside else None


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at, speaking TLS for the name it was asked for."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=DEADLINE_SECONDS)
        self._address, self._context = address, context

    def connect(self) -> None:
        """Connect to the pinned address."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def post(address: str, body: bytes, *, private: bool, context: ssl.SSLContext | None = None) -> int:
    """Send JSON to the address and return the status of the answer, 200 to 299; WebhookError for anything else."""
    if len(body) > MOST_BYTES:
        raise WebhookError(f"the message has {len(body):,} bytes, more than {MOST_BYTES:,}")
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    pinned = allowed_address(host, port, private=private)
    tls = (context or ssl.create_default_context()) if secure else None
    connection = _Pinned(host, port, pinned, tls)
    passed = threading.Event()
    timer = threading.Timer(DEADLINE_SECONDS, _cut, (connection, passed))
    timer.daemon = True
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT, "Connection": "close"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read(MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = f"no answer within {DEADLINE_SECONDS:.0f} s" if passed.is_set() else type(error).__name__
        raise WebhookError(f"{host} did not take it: {said}") from error
    finally:
        timer.cancel()
        connection.close()
    if 300 <= answer.status < 400:
        raise WebhookError(f"{host} redirects ({answer.status}), which is not followed")
    if not 200 <= answer.status < 300:
        raise WebhookError(f"{host} answered {answer.status}")
    return answer.status


def _cut(connection: http.client.HTTPConnection, passed: threading.Event) -> None:
    """End a connection whatever it waits for: a peer that drips a byte a second would hold it for ever."""
    passed.set()
    held = connection.sock
    if held is not None:
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            held.close()


class Webhook:
    """Send what waits in a journal, one message after another, on a thread of its own while `is_mine`.

    A message is taken at least once: who receives it tells doubles by their `firing_id`.
    """

    def __init__(
        self,
        journal: AlertJournal,
        address: str,
        *,
        private: bool = False,
        is_mine: Callable[[], bool] = lambda: True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        send: Callable[[str, bytes], object] | None = None,
    ) -> None:
        self._journal, self._address, self._is_mine, self._now = journal, address, is_mine, now
        self._send = send or (lambda to, body: post(to, body, private=private))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alert-webhook", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """End; what waits is sent by the next process."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                while self._is_mine() and not self._stopping.is_set() and self.send_one():
                    pass
            except AlertJournalError as error:
                logger.warning("the webhook waits: %s", error)

    def send_one(self) -> bool:
        """Send the oldest message that is due; return whether there was one."""
        now = self._now()
        message = self._journal.due_message(now)
        if message is None:
            return False
        try:
            self._send(self._address, message.body.encode())
        except WebhookError as error:
            self._failed(message, str(error))
        else:
            self._journal.settle_message(message, "sent", "", now)
        return True

    def _failed(self, message: Message, reason: str) -> None:
        now = self._now()
        if message.attempts >= len(BACKOFF_SECONDS):
            self._journal.settle_message(message, "given up", reason, now)
            logger.warning("a webhook message was given up: %s", reason)
        else:
            wait = timedelta(seconds=BACKOFF_SECONDS[message.attempts])
            self._journal.settle_message(message, "waiting", reason, now + wait)
