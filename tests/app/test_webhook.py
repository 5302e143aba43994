"""The webhook: where it may go, that it goes nowhere else, and what becomes of a message that is not taken."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app import webhook
from app.settings import Settings, SettingsError
from app.webhook import BACKOFF_SECONDS, Webhook, WebhookError, allowed_address, checked_address, post
from data_layer.alert_journal import AlertJournal
from tests.data_layer.test_alert_journal import FIRING

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)


@pytest.fixture
def receiver():
    """A server on loopback that answers as its path says, and keeps what it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((self.path, dict(self.headers), body))
            status = int(self.path.strip("/").split("?")[0] or 200)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/200")
            self.end_headers()
            self.wfile.write(b"x" * 10_000)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(receiver, path="/200"):
    return f"http://127.0.0.1:{receiver.server_port}{path}"


def test_json_is_posted_where_it_is_allowed(receiver):
    assert post(address(receiver, "/204?key=1"), b'{"a": 1}', private=True) == 204
    ((path, headers, body),) = receiver.got
    assert path == "/204?key=1"
    assert headers["Content-Type"] == "application/json"
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert body == b'{"a": 1}'


def test_this_machine_and_network_are_refused_unless_allowed(receiver):
    with pytest.raises(WebhookError, match=r"leads to 127\.0\.0\.1, which is no public address"):
        post(address(receiver), b"{}", private=False)
    assert receiver.got == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "localhost",
        "2130706433",
        "0x7f.1",
    ],
)
def test_no_spelling_of_a_private_address_is_public(host):
    with pytest.raises(WebhookError):
        allowed_address(host, 443, private=False)


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:4700:4700::1111"])
def test_public_addresses_are(host):
    assert allowed_address(host, 443, private=False) == host


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    def resolve(host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(WebhookError, match=r"127\.0\.0\.1"):
        allowed_address("two.example", 443, private=False)


def test_a_name_is_resolved_once_and_the_connection_goes_there(receiver, monkeypatch):
    """Rebinding: the name leads to the receiver the first time, and nowhere the second."""
    asked = []

    def resolve(host, port, *_args, **_options):
        asked.append(host)
        ip = "127.0.0.1" if len(asked) == 1 else "203.0.113.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    def connect(where, timeout=None, *_args, **_options):
        connected.append(where[0])
        return plain(where, timeout)

    def plain(where, timeout):
        held = socket.socket()
        held.settimeout(timeout)
        held.connect(where)
        return held

    connected: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert post(f"http://moving.example:{receiver.server_port}/200", b"{}", private=True) == 200
    assert asked == ["moving.example"]
    assert connected == ["127.0.0.1"]
    assert receiver.got[0][1]["Host"] == f"moving.example:{receiver.server_port}"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed(receiver, status):
    with pytest.raises(WebhookError, match="redirects"):
        post(address(receiver, f"/{status}"), b"{}", private=True)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_a_refusal_is_a_failure_that_does_not_say_the_path(receiver, status):
    with pytest.raises(WebhookError, match=f"answered {status}") as refused:
        post(address(receiver, f"/{status}?token=secret"), b"{}", private=True)
    assert "secret" not in str(refused.value)


def test_a_message_has_a_size():
    with pytest.raises(WebhookError, match="more than 256,000"):
        post("https://hook.example/", b"x" * 256_001, private=False)


def test_a_peer_that_never_ends_its_answer_is_cut(monkeypatch):
    monkeypatch.setattr(webhook, "DEADLINE_SECONDS", 0.4)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        held, _ = listener.accept()
        held.recv(65_536)
        while not stop.wait(0.05):
            try:
                held.sendall(b"H")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with pytest.raises(WebhookError, match="no answer within"):
        post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", private=True)
    stop.set()
    thread.join(10)
    listener.close()


def test_a_certificate_for_another_name_is_refused(receiver):
    with pytest.raises(WebhookError, match="did not take it: SSLError"):
        post(f"https://127.0.0.1:{receiver.server_port}/200", b"{}", private=True)
    assert receiver.got == []


@pytest.mark.parametrize(
    "wrong",
    [
        "http://hook.example/",
        "ftp://hook.example/",
        "https://",
        "https://user:password@hook.example/",
        "https://hook.example/#part",
        "https://hook.example:99999/",
        "https://hook.example/a b",
        "https://höok.example/",
        "hook.example",
    ],
)
def test_only_a_plain_https_address_can_be_set(wrong):
    with pytest.raises(ValueError, match="it"):
        checked_address(wrong, private=False)
    with pytest.raises(SettingsError, match="KALSHI_ALERT_WEBHOOK"):
        Settings.from_environment({"KALSHI_ALERT_WEBHOOK": wrong})


def test_settings_allow_it_and_keep_it_secret():
    address = "https://hook.example/services/secret-token"
    settings = Settings.from_environment({"KALSHI_ALERT_WEBHOOK": address})
    assert "secret-token" not in repr(settings)
    private = {"KALSHI_ALERT_WEBHOOK": "http://10.0.0.7/x", "KALSHI_ALERT_WEBHOOK_PRIVATE": "on"}
    assert Settings.from_environment(private).alert_webhook == "http://10.0.0.7/x"


# What becomes of a message


@pytest.fixture
def journal(tmp_path):
    held = AlertJournal(tmp_path)
    held.record([FIRING], {}, lambda firings: [json.dumps({"n": firings[0].firing_id})], NOW)
    return held


class Clock:
    now = NOW

    def __call__(self):
        return self.now


def test_a_message_is_tried_again_later_and_later_and_then_given_up(journal):
    clock, sent = Clock(), []

    def refuse(_to, body):
        sent.append(clock.now)
        raise WebhookError("hook.example answered 500")

    hook = Webhook(journal, "https://hook.example/", now=clock, send=refuse)
    for wait in BACKOFF_SECONDS:
        assert hook.send_one()
        assert not hook.send_one()
        clock.now += timedelta(seconds=wait - 1)
        assert not hook.send_one()
        clock.now += timedelta(seconds=1)
    assert hook.send_one()
    clock.now += timedelta(days=9)
    assert not hook.send_one()
    assert len(sent) == 1 + len(BACKOFF_SECONDS)
    assert journal.message_counts() == ({"given up": 1}, "hook.example answered 500")


def test_a_message_that_was_not_sent_is_sent_by_the_next_process(journal, tmp_path):
    sent = []
    again = AlertJournal(tmp_path)
    assert Webhook(again, "https://h.example/", now=Clock(), send=lambda to, body: sent.append(body)).send_one()
    assert sent == [b'{"n": 1}']
    assert again.message_counts() == ({"sent": 1}, "")


def test_the_thread_sends_only_while_it_is_its_business(journal, receiver):
    mine = threading.Event()
    taken = threading.Event()

    def send(to, body):
        post(to, body, private=True)
        taken.set()

    hook = Webhook(journal, address(receiver), is_mine=mine.is_set, now=lambda: NOW, send=send)
    hook.start()
    assert not taken.wait(1.5)
    mine.set()
    assert taken.wait(20)
    hook.stop()
    assert receiver.got[0][2] == b'{"n": 1}'
