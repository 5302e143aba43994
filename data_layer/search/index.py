"""Everything that can be found by its name, in memory: built once from a table of documents, asked while typing."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_layer.search.spelling import Speller
from data_layer.search.words import occurrences, words_of

#: Columns of the documents an index is built from. `title` and `detail` are shown, `words` only looked in; `parent`
#: is the row of what the document belongs to (an event's series), always above its own, or null.
DOCUMENTS = pa.schema(
    [
        ("kind", pa.string()),
        ("key", pa.string()),
        ("title", pa.string()),
        ("detail", pa.string()),
        ("words", pa.string()),
        ("volume", pa.float64()),
        ("members", pa.int64()),
        ("parent", pa.int32()),
    ]
)
#: Those of them that are kept.
SHOWN = [name for name in DOCUMENTS.names if name not in {"words", "parent"}]

#: Shortest words of which one, or two, letters may be wrong.
ONE_EDIT_FROM, TWO_EDITS_FROM = 4, 8
#: What a match is worth: the word itself, its beginning (up to as much again for how much of it), a misspelling.
_EXACT, _BEGUN, _BEGUN_MORE = 1.0, 0.7, 0.2
_WHOLE_EDITS, _BEGUN_EDITS = (1.0, 0.5, 0.38), (0.9, 0.42, 0.3)
#: What it counts in the name, in the outcome, in tickers and tags; and what a parent's match is worth to a child.
_FIELDS = np.array([1.0, 1.0, 0.9], np.float32)
_INHERITED = np.float32(0.55)
#: What a tenfold of volume adds (less in all than lies between a word and a misspelling), and at most a name that
#: says nothing but what was typed.
_VOLUME, _COVERED = 0.025, 0.1


@dataclass(frozen=True)
class Found:
    """One hit: the row of its document, and its score (about 1 for a perfect match, volume on top)."""

    row: int
    score: float


class SearchIndex:
    """Finds documents by words that may be unfinished or misspelt. Immutable, safe to share between threads."""

    def __init__(self, documents: pa.Table) -> None:
        whole = documents.select(DOCUMENTS.names).cast(DOCUMENTS)
        self._at = occurrences([whole[name].combine_chunks() for name in ("title", "detail", "words")])
        self.documents = whole.select(SHOWN).combine_chunks()
        self._speller = Speller(self._at.terms)
        kinds = whole["kind"].combine_chunks().dictionary_encode()
        self._kind = kinds.indices.to_numpy(zero_copy_only=False).astype(np.int8)
        self._kinds = {kind: number for number, kind in enumerate(kinds.dictionary.to_pylist())}
        volume = np.nan_to_num(whole["volume"].to_numpy().astype(np.float64))
        self._weight = (_VOLUME * np.log10(1 + np.maximum(volume, 0))).astype(np.float32)
        parents = whole["parent"].fill_null(-1).to_numpy().astype(np.int32)
        # Children of one generation after another, so that a market hears of its series through its event.
        depth = np.zeros(len(parents), np.int8)
        own = np.flatnonzero(parents >= 0)
        for _ in range(3):
            depth[own] = depth[parents[own]] + 1
        self._generations = [
            (rows, parents[rows])
            for n in range(1, int(depth.max(initial=0)) + 1)
            if len(rows := np.flatnonzero(depth == n))
        ]

    @property
    def terms(self) -> int:
        """How many distinct words there are."""
        return len(self._at.terms)

    def find(self, text: str, limits: dict[str, int]) -> list[Found]:
        """Return the best documents for a text, best first: at most `limits[kind]` of each kind named there.

        Where no document has all the words, those with most of them are returned, if it is at least half.
        """
        words = words_of(text)
        count = len(self._weight)
        if not words or not count:
            return []
        total, matched = np.zeros(count, np.float32), np.zeros(count, np.int8)
        for word in words:
            scores = self._word(word)
            total += scores
            matched += scores > 0
        most = int(matched.max(initial=0))
        if most * 2 < len(words) or most == 0:
            return []
        rows = np.flatnonzero(matched == most)
        covered = np.minimum(1, most / np.maximum(self._at.lengths[rows], 1))
        scores = total[rows] / len(words) + self._weight[rows] + _COVERED * covered
        found: list[Found] = []
        for kind, limit in limits.items():
            of_kind = np.flatnonzero(self._kind[rows] == self._kinds.get(kind, -1))
            if len(of_kind) > limit:
                of_kind = of_kind[np.argpartition(-scores[of_kind], limit - 1)[:limit]]
            found += [Found(int(rows[n]), float(scores[n])) for n in of_kind]
        return sorted(found, key=lambda hit: (-hit.score, hit.row))

    def _word(self, word: str) -> np.ndarray:
        """Return how well every document matches one word, 0 where it does not."""
        terms, worth = self._matching(word)
        scores = np.zeros(len(self._weight), np.float32)
        order = np.argsort(worth, kind="stable")  # the best is written last
        terms, worth = terms[order], worth[order]
        begins, ends = self._at.starts[terms], self._at.starts[terms + 1]
        places = _ranges(begins, ends)
        values = np.repeat(worth, ends - begins) * _FIELDS[self._at.fields[places]]
        np.maximum.at(scores, self._at.texts[places], values)
        for rows, parents in self._generations:
            scores[rows] = np.maximum(scores[rows], _INHERITED * scores[parents])
        return scores

    def _matching(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the words that match, each with what that is worth."""
        terms = self._at.terms
        first = bisect_left(terms, word)
        last = bisect_left(terms, word + "\U0010ffff", first)
        begun = np.arange(first, last)
        share = len(word) / np.maximum(self._speller.lengths[first:last], 1)
        worth = np.where(share >= 1, _EXACT, _BEGUN + _BEGUN_MORE * share).astype(np.float32)
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1 if len(word) >= ONE_EDIT_FROM else 0
        if len(word) == ONE_EDIT_FROM - 1 and first == last:
            edits = 1
        if not edits:
            return begun, worth
        near, whole, beginning = self._speller.near(word, edits)
        if len(word) < ONE_EDIT_FROM:
            near, whole, beginning = (part[whole <= edits] for part in (near, whole, beginning))
        outside = (near < first) | (near >= last)
        near, whole, beginning = near[outside], whole[outside], beginning[outside]
        as_whole = np.array([*_WHOLE_EDITS, 0, 0])[np.minimum(whole, 3)]
        as_begun = np.array([*_BEGUN_EDITS, 0, 0])[np.minimum(beginning, 3)]
        if len(word) < ONE_EDIT_FROM:
            as_begun[:] = 0
        return np.concatenate([begun, near]), np.concatenate([worth, np.maximum(as_whole, as_begun)]).astype(
            np.float32
        )


def _ranges(begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return all numbers of several ranges, one range after another."""
    lengths = ends - begins
    offsets = np.repeat(begins - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) if len(lengths) else begins
    return (np.arange(int(lengths.sum())) + offsets).astype(np.int64)
