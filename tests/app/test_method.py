"""Method and What's new: what the code says is what the pages say, and every link to a topic leads to one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import process_facts
from app.pages import PAGES
from app.shell import Shell
from components.reference import entry
from data_layer.errors import NoDataError
from data_layer.measures import MEASURES, TOPICS
from tests.app.fakes import HOSTILE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def opened(context, clock):
    def build(query="?page=method"):
        return Shell(context, query, now=clock)

    return build


def method(shell):
    return shell._pages["method"]


def test_every_measure_is_an_entry_with_its_formula_source_columns_and_sql(opened):
    entries = {item["key"]: item for item in method(opened()).reference.entries}
    assert list(entries) == [measure.topic for measure in MEASURES]
    fees = entries["fees"]
    heads = dict(fees["said"][0][1])
    assert heads["Formula"].startswith("fee = c × M × C × P × (1 − P), rounded up to the cent per order; c = 0.07")
    assert "kalshi.com/docs/kalshi-fee-schedule.pdf" in heads["Source"]
    assert ["series.fee_multiplier", "", "Multiplier of the fee formula"] in fees["columns"]
    name, about, sql = entries["surge"]["queries"][0]
    assert name == "pulse_surges"
    assert about.startswith("Where trading picked up")
    assert sql[1] == [0, "FROM market_list AS m"]
    assert entries["surge"]["queries"][1][2][0] == [0, "WITH before AS ("]
    assert entries["fees"]["href"] == "?page=method&topic=fees"


def test_a_link_to_a_topic_or_another_word_for_it_brings_it_into_view(opened):
    shell = opened("?page=method&topic=movers")
    assert method(shell).reference.topic == "change"
    assert shell.router.title.startswith("Change in points · Method")
    shell._on_browser({"kind": "click", "search": "?page=method&topic=fees&q=cent"})
    assert (method(shell).reference.topic, method(shell).reference.query) == ("fees", "cent")
    assert method(shell).unknown.object == ""


def test_an_unknown_topic_shows_everything_and_says_so(opened):
    shell = opened("?page=method&topic=astrology")
    assert len(method(shell).reference.entries) == len(MEASURES)
    assert "There is no topic “astrology”" in method(shell).unknown.object
    broken = opened("?page=method&topic=%3Cscript%3E")
    assert "is not a topic" in broken.frame.bands.object
    assert "<script>" not in broken.frame.bands.object


def test_the_filter_is_in_the_link_and_survives_a_hostile_reader(opened):
    shell = opened("?page=method&topic=fees")
    method(shell).reference._handle_msg({"kind": "query", "text": "cent\u202e\x00 " + "x" * 500})
    assert len(shell.state.method_text) <= 100
    assert shell.router.target["search"].startswith("?page=method&topic=fees&q=cent+x")
    for message in ({"kind": "query"}, {"kind": "query", "text": 5}, "text", None):
        method(shell).reference._handle_msg(message)


def test_both_pages_stand_on_an_empty_lake(context, clock):
    context.repository.fails = NoDataError("nothing is stored yet")
    for page in ("method", "news"):
        shell = Shell(context, f"?page={page}", now=clock)
        assert shell._pages[page].model.problem == ""
        assert not shell._pages[page].model.empty_lake


def test_every_link_to_a_topic_in_the_program_leads_to_one():
    sources = [path for folder in ("app", "components", "data_layer") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    linked = re.findall(r"""link\(\s*["']method["'],\s*topic=["']([^"']+)["']""", text)
    linked += re.findall(r"page=method&topic=([a-z0-9-]+)", text)
    assert [topic for topic in linked if topic not in TOPICS] == []


def test_the_changelog_is_shown_as_it_is_written_and_escaped(opened, tmp_path, monkeypatch):
    shell = opened("?page=news")
    said = shell._pages["news"].text.object
    assert "<h3>Unreleased</h3>" in said
    assert said.count("<li>") == len(re.findall(r"^- ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE))
    assert "?page=method" in shell._pages["news"].head.object
    written = tmp_path / "CHANGELOG.md"
    written.write_text("# Changelog\n\n" + "\n".join(f"- {text}" for text in HOSTILE), "utf-8")
    monkeypatch.setattr(process_facts, "CHANGELOGS", (tmp_path / "none.md", written))
    said = opened("?page=news")._pages["news"].text.object
    assert re.findall("<(?:script|img|svg)", said) == []
    monkeypatch.setattr(process_facts, "CHANGELOGS", ())
    assert "No changelog is installed" in opened("?page=news")._pages["news"].text.object


def test_an_entry_links_nowhere_else():
    made = entry("k", HOSTILE[0], "g", "https://example.com", [(HOSTILE[1], [("Formula", "a")])], [], [])
    assert made["href"] == ""
    assert made["title"] == HOSTILE[0], "it is set as text in the browser"


@pytest.mark.parametrize("name", PAGES)
def test_the_i_of_every_table_links_to_a_topic(name):
    for key, export in PAGES[name].model.exports.items():
        assert not export.method or export.method in TOPICS, f"{name}: {key}"


def test_the_i_of_a_table_leads_to_its_topic(opened):
    shell = opened("?page=pulse&tz=utc")
    said = shell._pages["pulse"].about("movers")
    assert said["method"] == "?page=method&topic=movers&tz=utc"
