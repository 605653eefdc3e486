"""Every claim and suggestion has the words of its document at its place, whatever the format, the characters, the line ends."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import pipeline
from kg.config import Config
from kg.ingest import Input, read, read_text, walk
from kg.ingest._formats import COMPRESSED, modules
from kg.model import Claim
from kg.stored import reports
from tests.format_files import (
    FILES,
    HTML,
    LISTING,
    MARKDOWN,
    PLAIN,
    SENTENCES,
    TABLE,
    TAGGED,
    assert_span,
    assert_spans,
    documents_of,
    file_of,
    packed,
    source_in,
    text_formats,
)

SETS = ("seeds", "style", "real", "vlm")  # never `check`
FORMATS = sorted(modules())
TEXTS = text_formats()

# What moves, hides or counts otherwise in other encodings: line ends, marks of byte order, astral and combining characters, signs
# without width, spaces of all kinds, writing from right to left, references, markup.
ODD = (
    "\r\n",
    "\r",
    "\n\n",
    "\u2028",
    "\x0b",
    "\ufeff",
    "😀",
    "𝟕",
    "\U0010ffff",
    "e\u0301",
    "\u0308",
    "\u200b",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\u00a0",
    "\u202f",
    "\u3000",
    "\t",
    "\u202e",
    "שלום",
    "模型",
    "ﬁ",
    "İ",
    "ß",
    "½",
    "&amp;",
    "&nbsp;",
    "&#x1F600;",
    "&",
    "<b>",
    "</b>",
    "<!-- 8 GPUs -->",
    "**",
    "`",
    "$",
    "\\",
    "|",
    '"',
    "{",
)


@st.composite
def reports_with_oddities(draw: st.DrawFn) -> str:
    """Draw sentences that state facts, with odd characters anywhere in them."""
    text = " ".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)))
    places = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True))
    parts, last = [], 0
    for place in sorted(places):
        parts += [text[last:place], draw(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")))]
        last = place
    return "".join([*parts, text[last:]])


@pytest.mark.parametrize("format", TEXTS)
@given(text=reports_with_oddities())
@settings(max_examples=40)
def test_odd_characters_move_no_span(format: str, text: str) -> None:
    assert_spans(read_text(source_in(format, text), "a.txt", format=format))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("format", TEXTS)
def test_one_odd_character_everywhere(format: str, odd: str) -> None:
    for text in (odd.join(SENTENCES), f" {odd}".join(PLAIN.split(" ")), PLAIN.replace("a", f"a{odd}"), f"{odd}{PLAIN}{odd}"):
        assert_spans(read_text(source_in(format, text), "a.txt", format=format))


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize(
    "source", [PLAIN, TAGGED, MARKDOWN, HTML, LISTING, TABLE], ids="plain tagged markdown html listing table".split()
)
def test_a_source_in_every_format(format: str, source: str) -> None:
    for text in (
        source,
        source.replace("\n", "\r\n"),
        source.replace("\n", "\r"),
        f"\ufeff{source}",
        source.replace(" ", "\u00a0"),
    ):
        assert_spans(read_text(source_in(format, text), "a.txt", format=format))


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_every_format(format: str, tmp_path: Path) -> None:
    name, data = file_of(format)
    (tmp_path / name).write_bytes(data)
    read_documents = list(documents_of(tmp_path / name))
    assert read_documents
    assert sum(len(assert_spans(document).claims) for document in read_documents) > 3


def test_every_format_that_is_not_any_text_has_a_file() -> None:
    assert {name for name in FORMATS if name not in TEXTS} <= set(FILES)


@pytest.mark.parametrize("suffix", COMPRESSED)
@pytest.mark.parametrize("format", FORMATS)
def test_a_compressed_file_says_the_same(format: str, suffix: str, tmp_path: Path) -> None:
    name, data = file_of(format)
    (tmp_path / name).write_bytes(data)
    (tmp_path / f"{name}{suffix}").write_bytes(packed(data, suffix))
    plain, unpacked = (list(documents_of(tmp_path / file)) for file in (name, f"{name}{suffix}"))
    assert [document.source for document in unpacked] == [document.source for document in plain]
    for document in unpacked:
        assert_spans(document)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("format", TEXTS)
def test_offsets_count_characters_of_the_file(format: str, codec: str, tmp_path: Path) -> None:
    text = file_of(format)[1].decode().replace("Kestrel", "Kestrel😀").replace("\n", "\r\n")
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(codec, b"")
    (tmp_path / "a.txt").write_bytes(mark + text.encode(codec))
    data = (tmp_path / "a.txt").read_bytes()
    counted = data.decode("utf-8") if codec.startswith("utf-8") else data.decode(codec)
    (document,) = documents_of(tmp_path / "a.txt")
    assert document.source == counted
    found = assert_spans(document)
    assert found.claims


def evaluation_documents(shared: Path, folder: str) -> Iterator[Input]:
    paths = sorted(path for path in (shared / "eval" / folder).iterdir() if path.suffix != ".json")
    return iter(walk(paths)[0])


@pytest.mark.parametrize("folder", SETS)
def test_the_evaluation_documents(shared: Path, folder: str) -> None:
    claims = suggestions = 0
    for input in evaluation_documents(shared, folder):
        found = assert_spans(read(input))
        claims, suggestions = claims + len(found.claims), suggestions + len(found.suggestions)
    assert claims > 4 * suggestions / 3 > 4


@pytest.mark.parametrize("change", ["\ufeff", "😀", "\r\n"], ids=["mark", "astral", "line ends"])
@pytest.mark.parametrize("folder", SETS)
def test_the_evaluation_documents_changed(shared: Path, folder: str, change: str) -> None:
    for input in evaluation_documents(shared, folder):
        document = read(input)
        source = document.source.replace("\r\n", "\n").replace("\n", change) if change == "\r\n" else change + document.source
        assert_spans(read_text(source, document.id, format=document.format))


def test_the_spans_of_a_build(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for format in FORMATS:
        name, data = file_of(format)
        (folder / f"{format}-{name}").write_bytes(data)
    (folder / "odd.md").write_bytes(f"\ufeff😀 {MARKDOWN}".replace("\n", "\r\n").encode())
    built = pipeline.build([folder], tmp_path / "out", config=Config(jobs=1), progress=lambda *_: None, say=lambda _: None)
    texts = {report.id: report.text for report in reports(built.build.store())}
    assert len(texts) >= len(FORMATS) + 1
    for name in ("claims.jsonl", "suggestions.jsonl"):
        claims = [Claim.from_json(json.loads(line)) for line in (tmp_path / "out" / name).read_text("utf-8").split("\n") if line]
        assert claims
        for claim in claims:
            assert_span(claim, texts[claim.report])
