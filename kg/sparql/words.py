"""A name -> the words by which it is searched: what the index is made of and what is typed are folded alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

SHORTEST = 2
"""Characters that must be typed before anything is found, and of the shortest part of a word that is a word."""

ALWAYS = 3
"""Characters up to which every beginning of a word is a node; longer ones are where many words begin alike."""

FIRST = 20
"""Things that a node leads to at once, and words that may begin with the longest beginning that has a node."""

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])\d*|\d+[A-Za-z]*|[^\x00-\x7f]+")


@lru_cache(maxsize=65536)
def words_in(name: str) -> tuple[str, ...]:
    """Return the words of a name: its stretches of letters and digits, and the parts that its capitals and digits tell.

    >>> words_in("InstructBLIP-13B"), words_in("Université de Montréal")
    (('instructblip', 'instruct', 'blip', '13b'), ('universite', 'de', 'montreal'))
    """
    found: list[str] = []
    for word in _WORD.findall(_plain(name)):
        parts = _PART.findall(word)
        found.append(word.casefold())
        if len(parts) > 1:
            found += (part.casefold() for part in parts if len(part) > SHORTEST)
    return tuple(dict.fromkeys(found))


def typed_words(text: str) -> tuple[str, ...]:
    """Return the words that somebody types, each once.

    >>> typed_words("Instruct-BLIP 13b")
    ('instruct', 'blip', '13b')
    """
    return tuple(dict.fromkeys(word.casefold() for word in _WORD.findall(_plain(text))))


def word_iri(base: str, word: str) -> str:
    """Return the IRI of a word's node; SPARQL makes the same one with ENCODE_FOR_URI."""
    return f"{base}word/{word if word.isascii() and word.isalnum() else quote(word, safe='')}"


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
