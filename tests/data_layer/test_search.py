"""Names are found however they are typed: unfinished, misspelt, without accents; and the nearest comes first."""

from __future__ import annotations

import string
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.search.index import DOCUMENTS, SearchIndex
from data_layer.search.marking import marks
from data_layer.search.newest import NewestIndex
from data_layer.search.spelling import Speller
from data_layer.search.words import LONGEST, MOST_WORDS, folded, words_of
from tests.data_layer.wire_samples import event, market, series
from tests.data_layer.world import World

MANY = {"market": 50, "event": 50, "series": 50}


def index(*documents: dict[str, object]) -> SearchIndex:
    rows = [{"kind": "market", "key": str(n), "detail": "", "words": ""} | d for n, d in enumerate(documents)]
    return SearchIndex(pa.Table.from_pylist(rows, schema=DOCUMENTS))


def found(searched: SearchIndex, text: str, limits: dict[str, int] = MANY) -> list[str]:
    titles = searched.documents["title"].to_pylist()
    return [titles[hit.row] for hit in searched.find(text, limits)]


def slow_distance(a: str, b: str) -> int:
    """Optimal string alignment by its definition."""
    if not a or not b:
        return max(len(a), len(b))
    best = min(slow_distance(a[1:], b) + 1, slow_distance(a, b[1:]) + 1, slow_distance(a[1:], b[1:]) + (a[0] != b[0]))
    if len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0]:
        best = min(best, slow_distance(a[2:], b[2:]) + 1)
    return best


short = st.text("abcé", min_size=1, max_size=6)


@settings(max_examples=150)
@given(short, st.lists(short, min_size=1, max_size=6, unique=True), st.integers(1, 2))
def test_near_words_are_those_within_the_distance_and_no_others(word: str, terms: list[str], most: int) -> None:
    places, whole, begun = Speller(terms).near(word, most)
    got = {terms[p]: (int(w), int(b)) for p, w, b in zip(places, whole, begun, strict=True)}
    for term in terms:
        exact = slow_distance(word, term)
        beginning = min(slow_distance(word, term[:n]) for n in range(len(term) + 1))
        near = min(exact, beginning) <= most and len(term) >= len(word) - most
        assert (term in got) == near
        if near:
            assert got[term][0] == exact or exact > most
            assert got[term][1] == beginning or beginning > most


WORDS = ["senate", "bitcoin", "temperature", "governor", "inflation", "basketball", "shutdown", "eurovision"]
TITLES = [f"Will {a} and {b} rise in {n}?" for n, a in enumerate(WORDS, 2026) for b in WORDS if a != b]
WELL_KNOWN = index(*({"title": title, "volume": 1e6} for title in TITLES), {"title": "Quarterly zeppelin landings"})


@st.composite
def one_edit(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(["quarterly", "zeppelin", "landings"]))
    at, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from(string.ascii_lowercase))
    return draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
            ]
        )
    )


@settings(max_examples=200)
@given(one_edit())
def test_one_wrong_letter_still_finds_a_unique_title_first(typed: str) -> None:
    assert found(WELL_KNOWN, typed)[0] == "Quarterly zeppelin landings"


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_is_a_question(typed: str) -> None:
    hits = WELL_KNOWN.find(typed, MANY)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= start < end <= len(typed) for start, end in marks(typed, words_of(typed)))


def test_the_word_itself_comes_before_its_beginning_and_that_before_a_misspelling() -> None:
    searched = index({"title": "Rainbow"}, {"title": "Rain"}, {"title": "Ruin", "volume": 1e7})
    assert found(searched, "rain") == ["Rain", "Rainbow", "Ruin"]


def test_of_equal_matches_the_most_traded_comes_first() -> None:
    searched = index(
        {"title": "Rain in Austin"}, {"title": "Rain in Boston", "volume": 9e5}, {"title": "Rain in Utah"}
    )
    assert found(searched, "rain")[0] == "Rain in Boston"


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("elan", "Élan vital"),
        ("ÉLAN", "Élan vital"),
        ("istanbul", "İstanbul final"),
        ("95000", "Bitcoin above $95,000.00?"),
        ("bct", "BTC today"),
        ("kxbtcd 26nov", "By ticker"),
        ("btcd-26nov22", "By ticker"),
        ("вибори", "Вибори"),
        ("trumps", "Trump’s speech"),
    ],
)
def test_accents_case_commas_and_prefixes_do_not_matter(typed: str, title: str) -> None:
    searched = index(
        {"title": "Élan vital"},
        {"title": "İstanbul final"},
        {"title": "Bitcoin above $95,000.00?"},
        {"title": "BTC today"},
        {"title": "By ticker", "words": "KXBTCD-26NOV22 BTCD-26NOV22"},
        {"title": "Вибори"},
        {"title": "Trump’s speech"},
    )
    assert found(searched, typed)[0] == title


def test_a_market_is_found_by_the_name_of_its_series_through_its_event() -> None:
    searched = index(
        {"kind": "series", "title": "Highest temperature in New York"},
        {"kind": "event", "title": "On Nov 23", "parent": 0},
        {"title": "Will it be 60° or above?", "parent": 1},
        {"title": "Temperature elsewhere"},
    )
    assert found(searched, "temprature new") == [
        "Highest temperature in New York",
        "On Nov 23",
        "Will it be 60° or above?",
    ]


def test_all_words_count_and_where_none_has_all_the_nearest_are_shown() -> None:
    searched = index({"title": "Senate control"}, {"title": "Senate seats"}, {"title": "House control"})
    assert found(searched, "control senate") == ["Senate control"]
    assert sorted(found(searched, "senate xyzzyx")) == ["Senate control", "Senate seats"]
    assert found(searched, "senate qqqqqq wwwwww zzzzzz") == []
    assert found(searched, "  ?! ") == []


def test_at_most_so_many_of_each_kind_are_found() -> None:
    searched = index(*({"title": f"Rain {n}"} for n in range(9)), {"kind": "event", "title": "Rain"})
    assert len(found(searched, "rain", {"market": 3, "event": 3, "tag": 3})) == 4
    assert found(searched, "rain", {"tag": 3}) == []
    assert index().find("rain", MANY) == []


def test_marks_are_the_letters_that_were_typed_or_the_word_that_was_meant() -> None:
    text = "Bitcoin price in Élysée"
    said = [text[a:b] for a, b in marks(text, words_of("bitc elysee prcie"))]
    assert said == ["Bitc", "price", "Élysée"]


def test_the_lake_is_searched_by_every_name_it_has(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.client.series_list = [series("KXRAIN", title="Rain in cities", tags=["Umbrellas"])]
        world.ingest.series()
        markets = [market("KXRAIN-26-A", event_ticker="KXRAIN-26", title="Will it rain?", yes_sub_title="Austin")]
        world.crawl(events=[event("KXRAIN-26", "KXRAIN", title="Rainy days", markets=markets)])
        answer = world.repository.search("autsin")
        (row,) = answer.rows()
        assert (row["kind"], row["key"], row["detail"]) == ("market", "KXRAIN-26-A", "Austin")
        assert answer.as_of is not None
        kinds = {row["kind"]: row for row in world.repository.search("umbrela").rows()}
        assert kinds["tag"]["key"] == "Umbrellas"
        assert kinds["series"]["members"] == 1
        assert {"event", "market"} <= kinds.keys(), "what belongs to a series with the tag"
        assert world.repository.search("rainy days").rows()[0]["kind"] == "event"


def test_what_is_over_is_found_after_what_is_open_however_much_it_was_traded(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        over = market("R-1", title="Rain today", volume_24h_fp="9000000.00", status="closed")
        world.crawl(over, market("R-2", title="Rain tomorrow", volume_24h_fp="1.00"))
        rows = [row for row in world.repository.search("rain").rows() if row["kind"] == "market"]
        assert [(row["key"], row["volume"]) for row in rows] == [("R-2", 1.0), ("R-1", None)]


def test_names_are_read_anew_after_a_crawl_and_not_after_quotes(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.crawl(market("R-1", title="Rain"))
        assert world.repository.search("rain").total == 2
        first = world.repository._index._held
        world.watch(market("R-1", title="Rain", volume_fp="99.00"))
        world.repository.search("rain")
        assert world.repository._index._held is first, "quotes change no name"
        world.tick(60)
        world.client.markets = []
        world.crawl(market("R-2", title="Snow"))
        world.repository.prepare_search()
        with world.repository._index._building:
            pass
        assert world.repository.search("snow").total == 2


def test_the_older_index_answers_while_a_newer_one_is_built() -> None:
    shelf, going, old, new = NewestIndex(), threading.Event(), index(), index({"title": "new"})

    def build() -> SearchIndex:
        assert going.wait(10)
        return new

    assert shelf.get(1, lambda: old) is old
    assert shelf.get(2, build) is old
    assert shelf.get(2, pytest.fail) is old, "one at a time"
    going.set()
    with shelf._building:
        pass
    assert shelf.get(2, pytest.fail) is new


@given(st.text(st.characters(max_codepoint=127), max_size=40) | st.text(string.digits + ",' $aB", max_size=20))
def test_what_is_typed_in_ascii_has_the_words_that_names_have(typed: str) -> None:
    """Names are read by Arrow, a key's text without it: they meet only if both make the same words."""
    stored = folded(pa.array([typed]))[0].as_py().split()
    assert words_of(typed) == [word[:LONGEST] for word in dict.fromkeys(stored)][:MOST_WORDS]
