"""The command line, run as its user would, against the simulated exchange."""

from __future__ import annotations

import pytest

from app.cli import main
from data_layer.demo import start_exchange


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    with start_exchange(markets=150, settled=200, seed=3) as exchange:
        code = main(
            [
                *("refresh", "--source", "live", "--base-urls", exchange.base_url),
                *("--data-dir", str(folder), "--requests-per-second", "15"),
            ]
        )
    assert code == 0
    return folder


def test_refresh_says_what_it_did(tmp_path, capsys):
    with start_exchange(markets=150, settled=200, seed=3) as exchange:
        arguments = ["refresh", "--source", "live", "--base-urls", exchange.base_url, "--data-dir", str(tmp_path)]
        assert main([*arguments, "--requests-per-second", "15"]) == 0
    said = capsys.readouterr().out
    for kind in ("series", "universe", "settled"):
        assert f"{kind:<12} complete" in said


def test_refresh_that_fails_says_why_and_ends_with_1(tmp_path, capsys):
    with start_exchange(markets=20, settled=20) as exchange:
        exchange.set_fault("status-404", path="/events")
        arguments = ["refresh", "--source", "live", "--base-urls", exchange.base_url, "--data-dir", str(tmp_path)]
        assert main([*arguments, "--requests-per-second", "15"]) == 1
    assert "failed" in capsys.readouterr().out


def test_status_lists_every_table(stored, capsys):
    assert main(["status", "--data-dir", str(stored)]) == 0
    said = capsys.readouterr().out
    assert "snapshot" in said
    assert "candlesticks" in said


def test_status_of_nothing_says_what_to_do(tmp_path, capsys):
    assert main(["status", "--data-dir", str(tmp_path)]) == 1
    assert "kalshi-dashboard refresh" in capsys.readouterr().out


def test_wrong_setting_is_named(capsys, monkeypatch):
    monkeypatch.setenv("KALSHI_SOURCE", "paper")
    with pytest.raises(SystemExit) as ended:
        main(["status"])
    assert ended.value.code == 2
    assert "KALSHI_SOURCE" in capsys.readouterr().err
