"""Settings: every option has a variable, the command line wins, and what cannot work is refused with the reason."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, add_arguments, options_table, variable


def test_environment_is_read_by_type():
    settings = Settings.from_environment(
        {
            "KALSHI_SOURCE": "demo",
            "KALSHI_DATA_DIR": "/x/y",
            "KALSHI_THREADS": "3",
            "KALSHI_ALLOW_ORIGINS": "a:1, b:2",
        }
    )
    assert settings.source == "demo"
    assert settings.data_dir == Path("/x/y")
    assert settings.threads == 3
    assert settings.allow_origins == ("a:1", "b:2")


def test_command_line_wins_over_environment():
    assert Settings.from_environment({"KALSHI_PORT": "1"}, port=2).port == 2


def test_port_of_a_hosting_service_is_read_too():
    assert Settings.from_environment({"PORT": "8123"}).port == 8123
    assert Settings.from_environment({"PORT": "8123", "KALSHI_PORT": "1"}).port == 1


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"KALSHI_SOURCE": "paper"}, "KALSHI_SOURCE"),
        ({"KALSHI_PORT": "seventy"}, "KALSHI_PORT"),
        ({"KALSHI_PORT": "70000"}, "KALSHI_PORT"),
        ({"KALSHI_REQUESTS_PER_SECOND": "0"}, "KALSHI_REQUESTS_PER_SECOND"),
        ({"KALSHI_SECRET": "short"}, "KALSHI_SECRET"),
        ({"KALSHI_ADDRESS": "0.0.0.0"}, "KALSHI_SECRET"),
    ],
)
def test_what_cannot_work_is_refused_by_name(environment, named):
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment(environment)


def test_public_address_is_possible_with_a_secret():
    assert not Settings.from_environment({"KALSHI_ADDRESS": "0.0.0.0", "KALSHI_SECRET": "x" * 32}).is_loopback


def test_secrets_are_not_in_the_repr():
    canary = "canary" * 10
    shown = repr(Settings(secret=canary, api_key_id=canary))
    assert "canary" not in shown


def test_every_setting_is_an_option_and_stands_in_the_table():
    parser = argparse.ArgumentParser()
    names = [item.name for item in fields(Settings)]
    add_arguments(parser, names)
    table = options_table()
    for name in names:
        assert f"`{variable(name)}`" in table
        assert getattr(parser.parse_args([]), name) is None


def test_bad_option_is_explained_by_the_parser(capsys):
    parser = argparse.ArgumentParser()
    add_arguments(parser, ["port"])
    with pytest.raises(SystemExit):
        parser.parse_args(["--port", "x"])
    assert "KALSHI_PORT" in capsys.readouterr().err


def test_real_and_simulated_data_never_share_a_folder():
    settings = Settings(data_dir=Path("d"))
    folders = {settings.lake_folder("live"), settings.lake_folder("demo"), Settings(demo_seed=2).lake_folder("demo")}
    assert len(folders) == 3
