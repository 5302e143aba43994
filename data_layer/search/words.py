"""Texts as words that compare: lower case, no accents, no punctuation; of many texts at once, or of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Longest word that is told apart, in characters; of a longer one its beginning counts.
LONGEST = 24
#: Most words of one text that is looked for.
MOST_WORDS = 8


def folded(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return texts as words with one space between them, folded; the work is Arrow's and holds no lock of ours."""
    plain = pc.utf8_normalize(pc.fill_null(texts, ""), form="NFKD")
    plain = pc.utf8_lower(pc.replace_substring_regex(plain, r"\p{M}+", ""))
    # "$95,000" is one number to whoever types 95000, and a ticker is looked for without the exchange's prefix too.
    plain = pc.replace_substring_regex(plain, r"(\d),(\d{3})", r"\1\2")
    plain = pc.replace_substring_regex(plain, r"['’]", "")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"[^\p{L}\p{N}]+", " "))
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain


def words_of(text: str) -> list[str]:
    """Return the words of one text, in order, each once and at most `MOST_WORDS`, as `folded` makes them."""
    text = text[:300]
    found = (_plain(text) if text.isascii() else str(folded(pa.array([text], pa.string()))[0].as_py())).split()
    return [word[:LONGEST] for word in dict.fromkeys(found)][:MOST_WORDS]


def _plain(text: str) -> str:
    """Return one text of ASCII as `folded` makes it: Arrow compiles its patterns anew at every call, 2 ms a key."""
    return _BETWEEN.sub(" ", _THOUSANDS.sub(r"\1\2", text.lower()).replace("'", ""))


_THOUSANDS, _BETWEEN = re.compile(r"(\d),(\d{3})", re.ASCII), re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Occurrences:
    """Which word stands in which text: `terms` are distinct and sorted; word n is in `texts[starts[n]:starts[n+1]]`.

    `fields` says where: the lowest number of the columns it was found in. `lengths` counts the words of each text's
    first column.
    """

    terms: list[str]
    starts: np.ndarray
    texts: np.ndarray
    fields: np.ndarray
    lengths: np.ndarray


def occurrences(columns: list[pa.Array]) -> Occurrences:
    """Return where the words of several columns of texts stand; all columns have one text per row."""
    words, rows, fields = [], [], []
    lengths = np.zeros(len(columns[0]), np.int32)
    for number, column in enumerate(columns):
        split = pc.split_pattern(folded(column), " ")
        parts = pc.utf8_slice_codeunits(pc.list_flatten(split), 0, LONGEST)
        owners = pc.list_parent_indices(split).to_numpy().astype(np.int32)
        if number == 0:
            lengths = pc.list_value_length(split).to_numpy(zero_copy_only=False).astype(np.int32)
        words.append(parts)
        rows.append(owners)
        fields.append(np.full(len(owners), number, np.int8))
    encoded = pa.concat_arrays(words).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    term = places[encoded.indices.to_numpy()]
    row, field = np.concatenate(rows), np.concatenate(fields)
    # One number per (word, text, column): sorting it groups words and puts the best column first.
    keys = (term * (len(lengths) + 1) + row) * len(columns) + field
    keys.sort()
    pairs, field = np.divmod(keys, len(columns))
    first = np.ones(len(pairs), bool)
    first[1:] = pairs[1:] != pairs[:-1]
    term, row = np.divmod(pairs[first], len(lengths) + 1)
    starts = np.searchsorted(term, np.arange(len(order) + 1)).astype(np.int32)
    terms = encoded.dictionary.take(pa.array(order)).to_pylist()
    if terms and terms[0] == "":  # a text without words
        terms, starts = terms[1:], starts[1:]
    return Occurrences(terms, starts, row.astype(np.int32), field[first].astype(np.int8), lengths)
