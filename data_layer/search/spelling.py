"""Words that are nearly the one that was typed: at most some letters wrong, missing, too many, or swapped.

The distance is the optimal string alignment (Damerau 1964: insertion, deletion, substitution, swap of neighbours),
over all words at once and only near the diagonal (Ukkonen 1985).
"""

from __future__ import annotations

import numpy as np

from data_layer.search.words import LONGEST

_FAR = np.int8(100)
_MIX = np.uint64(11)


class Speller:
    """Tells which of its words are near a typed one, as wholes or by their beginnings."""

    def __init__(self, terms: list[str]) -> None:
        text = "".join(term[:LONGEST].ljust(LONGEST, "\0") for term in terms)
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.uint16)
        self._codes = codes.reshape(-1, LONGEST)
        self.lengths = np.fromiter((min(len(term), LONGEST) for term in terms), np.int8, len(terms))
        self._letters = np.zeros(len(terms), np.uint64)
        for place in range(LONGEST):
            column = self._codes[:, place]
            self._letters |= np.where(column > 0, _bit(column), np.uint64(0))

    def near(self, word: str, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (places of the words, their distance as wholes, as beginnings), where one is at most `most`.

        A word whose beginning is near is what somebody is about to finish typing.
        """
        typed = np.frombuffer(word.encode("utf-32-le"), np.uint32).astype(np.uint16)
        letters = np.bitwise_or.reduce(_bit(typed))
        # One edit can bring in at most one letter that the word does not have.
        missing = np.bitwise_count(letters & ~self._letters)
        places = np.flatnonzero((missing <= most) & (self.lengths >= len(typed) - most))
        whole, begun = _distances(typed, self._codes[places].T.copy(), self.lengths[places], most)
        kept = np.minimum(whole, begun) <= most
        return places[kept], whole[kept], begun[kept]


def _bit(codes: np.ndarray) -> np.ndarray:
    return np.left_shift(np.uint64(1), codes.astype(np.uint64) * _MIX % np.uint64(64))


def _distances(typed: np.ndarray, codes: np.ndarray, lengths: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distances of one word to many (column n of `codes` is word n), whole and to their nearest beginning.

    What is further than `most` is some number above it.
    """
    count, width = codes.shape[1], codes.shape[0]
    far = np.full(count, _FAR, np.int8)
    rows: list[dict[int, np.ndarray]] = [{j: np.full(count, j, np.int8) for j in range(most + 1)}]
    for i in range(1, len(typed) + 1):
        row: dict[int, np.ndarray] = {}
        for j in range(max(0, i - most), min(width, i + most) + 1):
            if j == 0:
                row[0] = np.full(count, i, np.int8)
                continue
            before = rows[i - 1]
            best = before.get(j - 1, far) + (codes[j - 1] != typed[i - 1])
            np.minimum(best, before.get(j, far) + np.int8(1), out=best)
            np.minimum(best, row.get(j - 1, far) + np.int8(1), out=best)
            if i > 1 and j > 1:
                swapped = (codes[j - 1] == typed[i - 2]) & (codes[j - 2] == typed[i - 1])
                np.minimum(best, np.where(swapped, rows[i - 2].get(j - 2, far) + np.int8(1), _FAR), out=best)
            row[j] = best
        rows.append(row)
    whole, begun = far.copy(), far.copy()
    for j, reached in rows[-1].items():
        np.copyto(whole, reached, where=lengths == j)
        np.minimum(begun, np.where(lengths >= j, reached, _FAR), out=begun)
    return whole, begun
