"""The command line, run as its user would, against the simulated exchange."""

from __future__ import annotations

import pyarrow.csv as csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
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


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("m.parquet", []),
        ("m.csv", []),
        ("by-series", ["--partition-by", "series"]),
        ("by-date", ["--partition-by", "date"]),
    ],
)
def test_export_writes_every_row_and_says_where_it_comes_from(stored, tmp_path, capsys, target, options):
    path = tmp_path / target
    assert main(["export", "markets", str(path), "--data-dir", str(stored), *options]) == 0
    count = int(capsys.readouterr().out.split()[0].replace(",", ""))
    table = csv.read_csv(path) if path.suffix == ".csv" else ds.dataset(path, partitioning="hive").to_table()
    assert table.num_rows == count > 100
    if path.suffix == ".parquet":
        said = pq.read_schema(path).metadata
        assert said[b"kalshi.source"] == b"live"
        assert said[b"kalshi.as_of"].startswith(b"20")


def test_export_never_writes_over_anything(stored, tmp_path, capsys):
    (tmp_path / "m.csv").write_text("mine")
    assert main(["export", "markets", str(tmp_path / "m.csv"), "--data-dir", str(stored)]) == 1
    assert (tmp_path / "m.csv").read_text() == "mine"
    assert "exists already" in capsys.readouterr().err


def test_export_of_an_unknown_table_names_those_there_are(stored, tmp_path, capsys):
    assert main(["export", "secrets", str(tmp_path / "x.csv"), "--data-dir", str(stored)]) == 1
    assert "candlesticks" in capsys.readouterr().err


def test_status_of_nothing_says_what_to_do(tmp_path, capsys):
    assert main(["status", "--data-dir", str(tmp_path)]) == 1
    assert "kalshi-dashboard refresh" in capsys.readouterr().out


def test_wrong_setting_is_named(capsys, monkeypatch):
    monkeypatch.setenv("KALSHI_SOURCE", "paper")
    with pytest.raises(SystemExit) as ended:
        main(["status"])
    assert ended.value.code == 2
    assert "KALSHI_SOURCE" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_of_a_page_is_what_its_link_shows(stored, tmp_path, capsys, kind):
    path = tmp_path / f"list.{kind}"
    asked = ["export", "--link", "?page=markets&sort=ticker&dir=asc&pmin=40", "--table", "markets", str(path)]
    assert main([*asked, "--data-dir", str(stored)]) == 0
    table = csv.read_csv(path) if kind == "csv" else pq.read_table(path)
    tickers = table["ticker"].to_pylist()
    assert tickers == sorted(tickers)
    assert min(map(float, table["probability"].to_pylist())) >= 0.4
    assert f"{len(tickers)} rows of “Markets”" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--link", "?page=markets&pmin=x", "a.csv"], "pmin=x"),
        (["--link", "?page=pulse", "--table", "nothing", "a.csv"], "figures, movers"),
        (["--link", "?page=pulse", "a.xlsx"], "neither .csv nor .parquet"),
        (["--link", "?page=status", "--table", "settings", "a.csv"], "running"),
    ],
)
def test_a_table_that_cannot_be_written_says_why(stored, tmp_path, capsys, arguments, said):
    path = tmp_path / arguments[-1]
    assert main(["export", *arguments[:-1], str(path), "--data-dir", str(stored)]) == 1
    assert said in capsys.readouterr().err
    assert not path.exists()


def test_export_takes_a_stored_table_or_a_link(stored, tmp_path, capsys):
    assert main(["export", str(tmp_path / "a.csv"), "--data-dir", str(stored)]) == 2
    assert main(["export", "markets", "--table", "x", str(tmp_path / "a.csv"), "--data-dir", str(stored)]) == 2
    assert "--link" in capsys.readouterr().err


def test_options_of_an_export_may_stand_anywhere(stored, tmp_path):
    folder = tmp_path / "by-date"
    assert main(["export", "markets", "--partition-by", "date", str(folder), "--data-dir", str(stored)]) == 0
    assert ds.dataset(folder, partitioning="hive").count_rows()
    with pytest.raises(SystemExit):
        main(["export", "markets", "--no-such-option", str(tmp_path / "x.csv"), "--data-dir", str(stored)])
    with pytest.raises(SystemExit):
        main(["status", "surplus", "--data-dir", str(stored)])
