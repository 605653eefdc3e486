"""Whatever a file holds, kg reads it or says that it cannot: random bytes, random markup, files that break off or are damaged.

Counts and sizes are bounded, and what never ends is ended.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import pipeline
from kg.config import Config
from kg.errors import KgError
from kg.ingest import read, read_text, walk
from kg.ingest._formats import COMPRESSED, Binary, modules
from tests.format_files import assert_spans, documents_of, file_of, packed, source_in, suffixes, text_formats

SETS = ("seeds", "style", "real", "vlm")  # never `check`
FORMATS = sorted(modules())
LONGEST = 300  # seconds of one test; those that end take some seconds

few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """End a test that does not end by itself."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no end in {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def survive(path: Path, data: bytes) -> None:
    """Read a file with this content, and check what is said of it."""
    path.unlink(missing_ok=True)  # a new file costs nothing, an emptied one waits for the disk
    path.write_bytes(data)
    for document in documents_of(path):
        assert_spans(document)


@pytest.mark.parametrize("suffix", suffixes())
@given(data=st.binary(max_size=2000))
@few
def test_random_bytes(suffix: str, data: bytes, tmp_path: Path) -> None:
    survive(tmp_path / f"a{suffix}", data)


@pytest.mark.parametrize("format", [name for name, module in modules().items() if isinstance(module, Binary)])
@given(data=st.binary(max_size=2000))
@few
def test_random_bytes_behind_the_mark_of_a_format(format: str, data: bytes, tmp_path: Path) -> None:
    module = modules()[format]
    assert isinstance(module, Binary)
    survive(tmp_path / f"a{module.SUFFIXES[0]}", module.MAGIC + data)


MARKUP = (
    "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml", "<!doctype html>", "<html>", "<table>", "<tr>", "<td>",
    "</td>", "<td colspan=999999999>", "<th rowspan=0>", "</table>", "<p>", "<li>", "<ul>", "<h1>", "<h7>", "<script>",
    "</script>", "<svg>", "<math>", "<style>", "<title>", "<meta charset=utf-16>", "<model>", "</model>", "<params>",
    "<gpu_count>", "<a href='", "'", '"', "&", "&amp;", "&#", "&#xD800;", "&#0;", "&#99999999999;", "&nosuch;", "\\",
    "\\begin{table}", "\\end{table}", "\\cite{", "\\frac", "{", "}", "$", "$$", "%", "~", "^", "_", "|", "|---|", "|:-:|", "\n",
    "\r", "\r\n", "\n\n", "\t", " ", "  ", "#", "######", "---", "...", "===", "```", "```yaml\n", "~~~", "*", "**", "`", "[",
    "](", "]", "[^1]:", "!", "- ", "1. ", "> ", ": ", "key: ", "- - - ", "? ", "!!python/object:", "&a ", "*a", "<<: ", "{{",
    "}}", ",", ";", "null", "NaN", '{"text": "', '"}', '"\\ud800"', "1e999", "Model,Organization", "Kestrel-7B", "64 GPUs",
    "3 days", "7B", "1e-4", "A100", "trained on", "CC3M", "\x00", "\x0c", "\x1b[2J", "\ufeff", "\u2028", "\u202e", "\ud800",
    "😀", "é", "9" * 400, "a" * 400,
)  # fmt: skip


@pytest.mark.parametrize("format", text_formats())
@given(pieces=st.lists(st.sampled_from(MARKUP), max_size=60))
@settings(max_examples=120)
def test_random_markup(format: str, pieces: list[str]) -> None:
    assert_spans(read_text(source_in(format, "".join(pieces)), "a.txt", format=format))


@pytest.mark.parametrize("suffix", suffixes())
@given(pieces=st.lists(st.sampled_from(MARKUP), max_size=60))
@few
def test_random_markup_in_a_file(suffix: str, pieces: list[str], tmp_path: Path) -> None:
    survive(tmp_path / f"a{suffix}", "".join(pieces).encode("utf-8", "replace"))


@pytest.mark.parametrize("piece", [piece for piece in MARKUP if len(piece) < 100])
@pytest.mark.parametrize("format", text_formats())
def test_one_piece_over_and_over(format: str, piece: str) -> None:
    assert_spans(read_text(source_in(format, piece * (4000 // len(piece))), "a.txt", format=format))


@pytest.mark.parametrize("format", FORMATS)
@given(share=st.floats(0, 1))
@few
def test_a_file_that_breaks_off(format: str, share: float, tmp_path: Path) -> None:
    name, data = file_of(format)
    survive(tmp_path / name, data[: round(share * len(data))])


@pytest.mark.parametrize("format", FORMATS)
@given(damage=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 8)), min_size=1, max_size=8))
@few
def test_a_damaged_file(format: str, damage: list[tuple[float, bytes, int]], tmp_path: Path) -> None:
    name, data = file_of(format)
    for share, put, lost in damage:
        at = round(share * len(data))
        data = data[:at] + put + data[at + lost :]
    survive(tmp_path / name, data)


@pytest.mark.parametrize("packing", COMPRESSED)
@pytest.mark.parametrize("format", FORMATS)
@given(share=st.floats(0, 1), put=st.binary(max_size=3))
@few
def test_a_damaged_compressed_file(format: str, packing: str, share: float, put: bytes, tmp_path: Path) -> None:
    name, data = file_of(format)
    data = packed(data, packing)
    at = round(share * len(data))
    survive(tmp_path / f"{name}{packing}", data[:at] + put)


@pytest.mark.parametrize("format", FORMATS)
@given(suffix=st.sampled_from(suffixes()))
@few
def test_a_file_with_the_suffix_of_another_format(format: str, suffix: str, tmp_path: Path) -> None:
    survive(tmp_path / f"a{suffix}", file_of(format)[1])


@pytest.mark.parametrize("folder", SETS)
def test_evaluation_documents_that_break_off(shared: Path, folder: str) -> None:
    """Two documents, each cut somewhere, are read as one, in every format."""
    paths = sorted(path for path in (shared / "eval" / folder).iterdir() if path.suffix != ".json")
    sources = [read(input).source for input in walk(paths)[0]]
    chance = random.Random(folder)
    for format in text_formats():
        for _ in range(12):
            first, second = chance.choice(sources), chance.choice(sources)
            cut, begin = chance.randrange(len(first)), chance.randrange(len(second))
            source = source_in(format, (first[:cut] + second[begin:])[:20_000])
            assert_spans(read_text(source, "a.txt", format=format))


def test_a_build_of_anything(tmp_path: Path) -> None:
    """What comes after extraction takes whatever was read: damaged files of every format, and markup that means nothing."""
    folder, chance = tmp_path / "reports", random.Random(7)
    folder.mkdir()
    for i in range(120):
        name, data = file_of(chance.choice(FORMATS))
        at = chance.randrange(len(data))
        noise = "".join(chance.choices(MARKUP, k=20)).encode("utf-8", "replace").replace(b"\0", b"")
        (folder / f"{i}-{name}").write_bytes(data[:at] + noise + data[at + chance.randrange(20) :])
    result = pipeline.build([folder], tmp_path / "out", config=Config(jobs=1), progress=lambda *_: None, say=lambda _: None)
    counts = result.build.manifest["counts"]
    assert counts["reports"] > 60
    assert counts["claims"] > 200
    again = pipeline.extract_only([folder], config=Config(jobs=1), progress=lambda *_: None)
    assert len(again.claims) == counts["claims"]


def test_nothing_but_what_cannot_be_read(tmp_path: Path) -> None:
    for i in range(20):
        (tmp_path / f"{i}.md").write_bytes(random.Random(i).randbytes(200) + b"\0")
    with pytest.raises(KgError, match="none of 20 reports could be read"):
        pipeline.build([tmp_path], tmp_path / "out", config=Config(jobs=1), progress=lambda *_: None, say=lambda _: None)
