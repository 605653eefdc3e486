"""Words and names in text: one automaton over the folded document finds the topics, stages, values and catalogue names.

Folding gives one byte a code point (case, accents, dashes, quotes, line breaks), so offsets stay those of the document.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from unicodedata import normalize

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from kg.model import Thing
from kg.schema import Schema
from kg.values import name_key

_SPACES = "\n\r\t\f\v\u00a0\u2002\u2003\u2009\u202f\u2007\u200b"
_FOLD: dict[int, str] = {ord(c): " " for c in _SPACES}
_FOLD |= dict.fromkeys(map(ord, "-_‐‑‒–—−﹣－"), " ") | dict.fromkeys(map(ord, "‘’‛′`"), "'") | dict.fromkeys(map(ord, "“”„"), '"')
_FOLD[ord("×")] = "x"
_FOLD |= {ord("β"): "\x02", ord("ε"): "\x03", ord("ϵ"): "\x03"}  # all other letters without ASCII form are "?"
_INDENTED = re.compile(r"\n[ \t]+(?=\S)|(?<=[^\s|])[ \t]{2,}(?=[^\s|])")
_OTHERS = re.compile("[^\\x00-\\x7f]+")


def _base_letter(code: int) -> str:
    plain = normalize("NFKD", chr(code))[:1]
    return plain if plain.isascii() else "?"


_FOLD |= {code: _base_letter(code) for code in range(0xC0, 0x250) if code not in _FOLD}
_ASCII = bytes(range(256)).translate(bytes.maketrans(b"\n\r\t\f\v-_", b"       ")).lower()
_AMONG_OTHERS = bytes(ord(_FOLD.get(code, chr(code))) for code in range(128)).lower() + bytes(range(128, 256))


def fold(text: str) -> bytes:
    """Return the text in lower-case ASCII, exactly one byte a code point; hyphens are spaces, what has no ASCII form is `?`."""
    if text.isascii():
        return text.encode("ascii").translate(_ASCII)
    return _OTHERS.sub(_folded, text).encode("ascii", "replace").translate(_AMONG_OTHERS)


def _folded(match: re.Match[str]) -> str:
    return match[0].translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of the lexicon where it stands; `topics` are prefixed `stage:`, `value:` when they are no plain topics."""

    start: int
    end: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name where it stands: the catalogue's things of that name, or none for a name-shaped chunk."""

    start: int
    end: int
    text: str
    things: tuple[Thing, ...] = ()

    def thing(self, kind: str) -> Thing | None:
        """Return the catalogue's thing of that kind."""
        for thing in self.things:
            if thing.kind == kind:
                return thing
        return None

    def kinds(self) -> set[str]:
        """Return the kinds of things this name is known to be."""
        return {t.kind for t in self.things}


@dataclass(frozen=True, slots=True)
class Hits:
    """What one scan found, each list in order of place."""

    cues: list[Cue]
    names: list[Name]
    words: list[int]


_START = itemgetter(1)
_S = ord("s")
_X = ord("x")
_LETTER_OR_DIGIT = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_DIGIT = frozenset(b"0123456789")
_A_VERSION = re.compile(r"v\d")
_A_MEMORY = re.compile(r"-(?:(?:SXM|PCIe)\d?-?)?\d{2,3}(?:GB?)?\b", re.I)


_A_LETTER = bytes(chr(code) in "abcdefghijklmnopqrstuvwyz" for code in range(256))  # without x: 8xA100
_LETTER_OR_DIGIT_AT = bytes(code in _LETTER_OR_DIGIT for code in range(256))


def _inside_words(folded: bytes) -> tuple[bytes, bytes]:
    """Return 1 for each letter or digit that a letter stands before, and for each that either stands before.

    No name begins at the first; few end before the second. Whole numbers do all of them at once.
    """
    letters = int.from_bytes(folded.translate(_A_LETTER), "little") << 8
    here = int.from_bytes(folded.translate(_LETTER_OR_DIGIT_AT), "little")
    return (letters & here).to_bytes(len(folded), "little"), (here << 8 & here).to_bytes(len(folded) + 1, "little")


class _Moved:
    """Where the characters of a text stood before each of some runs became one character."""

    def __init__(self, runs: Sequence[tuple[int, int]]) -> None:
        self._removed = [0]
        self._ends: list[int] = []
        for start, end in runs:
            self._ends.append(start - self._removed[-1] + 1)
            self._removed.append(self._removed[-1] + end - start - 1)

    def back(self, offset: int) -> int:
        """Return the offset in the text as it was."""
        return offset + self._removed[bisect_right(self._ends, offset)]


class Lexicon:
    """The topics of lexicon.toml and the names of a schema in one automaton."""

    def __init__(self, schema: Schema) -> None:
        cues, stems = _topics()
        names = _names(schema)
        self._exact = {(t.kind, name): (t,) for name, found in names.items() for t in found if t.kind in {"license", "country"}}
        self._exact |= {("country", fold(t.facts["countryCode"])): (t,) for t in schema.things if t.facts.get("countryCode")}
        patterns = sorted((cues.keys() | names.keys()) - {b""})
        self._cues = [tuple(sorted(cues.get(p, ()))) for p in patterns]
        self._names = [names.get(p, ()) for p in patterns]
        self._stems = [p in stems for p in patterns]
        # Only stems, and accelerators in the plural, may end where a word goes on.
        plural = [bool(things) and things[0].kind == "accelerator" for things in self._names]
        self._open_end = [stem or several for stem, several in zip(self._stems, plural, strict=True)]
        self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard)

    def scan(self, text: str) -> Hits:
        """Return the cues and names of the text that stand at word boundaries; the longest of overlapping ones.

        A line break with its indentation, as lists are wrapped, separates words like one space.
        """
        spaced = "  " in text or "\n " in text or "\t" in text
        runs = [match.span() for match in _INDENTED.finditer(text)] if spaced else []
        if not runs:
            return self._scan(text)
        hits, moved = self._scan(_INDENTED.sub(" ", text)), _Moved(runs)
        return Hits(
            [Cue(moved.back(cue.start), moved.back(cue.end), cue.topics) for cue in hits.cues],
            [Name(moved.back(name.start), moved.back(name.end), name.text, name.things) for name in hits.names],
            [moved.back(start) for start in hits.words],
        )

    def _scan(self, text: str) -> Hits:
        folded = fold(text)
        cues: list[Cue] = []
        names: list[Name] = []
        words: list[int] = []
        previous_cue = previous_name = previous_stage = -1
        begins, ends = _inside_words(folded)
        open_end = self._open_end
        matches = [
            match
            for match in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if not begins[match[1]] and (not ends[match[2]] or open_end[match[0]])
        ]
        matches.reverse()  # they come by where they end, and sorting is stable: of those that start together, the longest is first
        matches.sort(key=_START)
        for pattern, start, end in matches:
            glued = bool(ends[start])
            if glued and folded[start - 1] == _X and start > 1 and folded[start - 2] in _DIGIT:  # 8xA100
                glued = folded[start] in _DIGIT
            if glued and (folded[start - 1] not in _DIGIT or folded[start] in _DIGIT):
                continue
            things = self._names[pattern]
            if ends[end] and not self._stems[pattern] and not (folded[end] == _S and not ends[end + 1]):
                continue  # the name of an accelerator, with more than the `s` of a plural
            if things and not glued and end > previous_name and _is_whole_name(text, folded, start, end, things):
                names.append(Name(start, end, text[start:end], _as_written(text[start:end], things)))
                previous_name = end
            topics = self._cues[pattern]
            if topics and end > previous_cue:
                if topics[0] == "number_word":
                    words.append(start)
                    topics = topics[1:]
                if topics:
                    cues.append(Cue(start, end, topics))
                    previous_cue = end
                    previous_stage = end if topics[-1].startswith("stage:") else previous_stage
            elif topics and topics[-1].startswith("stage:") and end > previous_stage:
                cues.append(Cue(start, end, topics[-1:]))
                previous_stage = end
        return Hits(cues, names, words)

    def named(self, text: str, kind: str) -> tuple[Thing, ...]:
        """Return the things of a kind that a whole text names, whatever its case; a country by its code too."""
        return self._exact.get((kind, _spelling(text)), ())

    @lru_cache(maxsize=4096)  # noqa: B019 - one lexicon lives as long as the process
    def topics_of(self, key: str) -> frozenset[str]:
        """Return the topics of a label such as a table's column or the key of a pair."""
        return frozenset(topic for cue in self.scan(key).cues for topic in cue.topics)


def _is_whole_name(text: str, folded: bytes, start: int, end: int, things: tuple[Thing, ...]) -> bool:
    """Return whether the match is no part of a longer name (`LLaVA` in `Meta-LLaVA`) and written as a name."""
    if end < len(text) - 1 and text[end] in "-_" and _A_VERSION.match(text, end + 1):
        return False
    if things[0].kind == "accelerator" and _A_MEMORY.match(text, end):
        return True
    if end < len(text) - 1 and text[end] in "-/_." and not text[end + 1].islower():
        after = text[end + 1]
        if (text[end] != "/" and after.isalnum()) or after.isdigit():
            return False
    if start > 1 and text[start - 1] in "-_" and text[start - 2].isalnum() and not text[:start].endswith(("non-", "pre-", "x-")):
        return False
    word = text[start:end]
    if not any(c.isupper() or c.isdigit() for c in word):
        plain = all(t.kind in {"accelerator", "software", "optimizer", "license"} and not t.in_context for t in things)
        return plain or (len(word) > 6 and " " in word and all(t.kind != "model" for t in things))
    return len(word) > 5 or any(_same_case(word, t) for t in things)


def _as_written(word: str, things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Return the things whose name has the very key of the word where case tells two apart (ViT-g and ViT-G)."""
    if len(things) < 2:
        return things
    key = name_key(word)
    exact = tuple(t for t in things if any(name_key(alias) == key for alias in (t.name, *t.aliases)))
    return exact or things


def _same_case(word: str, thing: Thing) -> bool:
    """Short names count only as they are written in the catalogue, or all in capitals."""
    plain = word.replace("-", " ")
    return any(plain == alias.replace("-", " ") for alias in (thing.name, *thing.aliases)) or (word.isupper() and len(word) > 2)


def _spelling(words: str) -> bytes:
    """Return what the automaton looks for; nothing for words that have no ASCII form, because all of those look the same."""
    folded = fold(words).strip()
    return b"" if b"?" in folded and "?" not in words else folded


def _names(schema: Schema) -> dict[bytes, tuple[Thing, ...]]:
    found: dict[bytes, list[Thing]] = defaultdict(list)
    for thing in schema.things:
        for alias in (thing.name, *thing.aliases):
            spelling = _spelling(alias)
            if len(spelling) > 1 and thing not in found[spelling]:
                found[spelling].append(thing)
    return {spelling: tuple(things) for spelling, things in found.items()}


def _topics() -> tuple[dict[bytes, set[str]], set[bytes]]:
    data = tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))
    sections: list[tuple[str, dict[str, list[str]]]] = [("", data["topic"]), ("stage:", data["stage"])]
    sections += [(f"value:{relation}:", values) for relation, values in data["value"].items()]
    found: dict[bytes, set[str]] = defaultdict(set)
    stems: set[bytes] = set()
    for prefix, topics in sections:
        for topic, literals in topics.items():
            for literal in literals:
                spelling = _spelling(literal.removesuffix("*"))
                found[spelling].add(prefix + topic)
                if literal.endswith("*"):
                    stems.add(spelling)
    return found, stems
