"""What holds of the claims of any text: they stand in it, are sorted, typed, and the same the second time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.extract.rules
from kg.extract import extract
from kg.extract.rules import scan
from kg.extract.rules.claims import THRESHOLD
from kg.extract.rules.compounds import joined
from kg.ingest import read, read_text, walk
from kg.model import Claim, Document, Extraction
from kg.schema import Schema, load_schema
from kg.values import literal
from tests.extract.recall import SETS, recall

METHOD = re.compile(r"tag|rule:[a-z]+(-[a-z]+)*")
# a little below what was measured; a scanner that finds less has lost something
FLOORS = {"seeds": 1.0, "style": 0.975, "real": 0.98, "vlm": 0.95}


def documents(folder: Path) -> Iterator[Document]:
    """Read the documents of one set of the evaluation material."""
    for source in walk([folder])[0]:
        yield read(source)


def assert_claim(claim: Claim, document: Document, schema: Schema) -> None:
    """Check one claim or suggestion by itself."""
    assert claim.report == document.id
    assert 0 <= claim.start < claim.end <= len(document.source)
    assert claim.mention == document.source[claim.start : claim.end]
    assert METHOD.fullmatch(claim.method)
    relation = schema.relation(claim.relation)
    assert relation.origin == "report"
    assert claim.value == claim.value.strip() != ""
    assert not relation.values or claim.value in relation.values
    for value in (claim.value, claim.value_max) if claim.value_max else (claim.value,):
        lexical, _ = literal(relation.range if relation.range.startswith("xsd:") else "xsd:string", value)
        assert lexical
    assert claim.stage is None or (claim.stage in schema.stages and relation.domain != "Model")
    assert claim.approximate or claim.value_max is None
    assert 0 <= claim.score <= 1
    assert claim.thing is None
    assert not claim.derived
    assert Claim.from_json(claim.to_json()).sort_key() == claim.sort_key()


def assert_well_formed(found: Extraction, document: Document) -> None:
    """Check everything that was extracted from a document."""
    schema = load_schema()
    for claims in (found.claims, found.suggestions):
        assert list(claims) == sorted(claims, key=Claim.sort_key)
        for claim in claims:
            assert_claim(claim, document, schema)
        keys = [(c.model, c.relation, c.value, c.stage) for c in claims]
        assert len(keys) == len(set(keys))
    for claim in found.claims:
        assert claim.method == "tag" or claim.score >= THRESHOLD
    said = {(c.model, c.relation, c.value) for c in found.claims}
    assert not said & {(c.model, c.relation, c.value) for c in found.suggestions}
    for finding in found.findings:
        assert finding.code == "KG420"
        assert all(0 <= label.start < label.end <= len(document.source) for label in finding.labels)


@pytest.mark.parametrize("folder", SETS)
def test_claims_of_the_development_sets(shared: Path, folder: str) -> None:
    read_documents = list(documents(shared / "eval" / folder))
    assert len(read_documents) >= 5
    first = [extract(document, load_schema()) for document in read_documents]
    for document, found in zip(read_documents, first, strict=True):
        assert_well_formed(found, document)
    again = [extract(document, load_schema()) for document in reversed(read_documents)]
    assert again[::-1] == first
    assert sum(len(found.claims) for found in first) > 4 * len(first)


@pytest.mark.parametrize("folder", ["seeds", "style", "real", "vlm"])
def test_a_model_with_facts_has_a_name(shared: Path, folder: str) -> None:
    for document in documents(shared / "eval" / folder):
        claims = extract(document, load_schema()).claims
        assert {claim.model for claim in claims} - {None} == {claim.value for claim in claims if claim.relation == "name"}


def test_a_model_named_in_code_has_a_name() -> None:
    text = "```bash\ntrain Quillon-7B\n```\n\nQuillon-7B was trained for 3 days on 64 GPUs.\n"
    claims = extract(read_text(text, "report.md"), load_schema()).claims
    assert {claim.model for claim in claims} - {None} == {claim.value for claim in claims if claim.relation == "name"}


def with_ends(document: Document) -> Iterator[Document]:
    """Yield a document twice: with LF and with CRLF at the end of its lines."""
    source = document.source.replace("\r\n", "\n")
    for text in (source, source.replace("\n", "\r\n")):
        yield read_text(text, document.id, format=document.format)


LETTER = pytest.mark.xfail(strict=True, reason="`3 B.` at the end of a line that ends with CRLF is read as 3")
FAR = pytest.mark.xfail(strict=True, reason="features measure distances in characters, and CRLF is one more")


@pytest.mark.parametrize("folder", [pytest.param(name, marks=LETTER if name == "style" else ()) for name in SETS])
def test_ends_of_lines_change_nothing_that_is_scanned(shared: Path, folder: str) -> None:
    def scanned(document: Document) -> list[tuple[str, list[str], list[str]]]:
        found = scan(document, load_schema())
        return [
            (
                " ".join(sentence.words.split()),
                [" ".join(name.text.split()) for name in (*sentence.names, *found.shaped[i])],
                [number.value for number in joined(sentence)],
            )
            for i, sentence in enumerate(found.sentences)
        ]

    for document in documents(shared / "eval" / folder):
        plain, other = map(scanned, with_ends(document))
        assert other == plain, document.id


@pytest.mark.parametrize("folder", [pytest.param(name, marks=FAR if name == "style" else ()) for name in SETS])
def test_ends_of_lines_change_nothing(shared: Path, folder: str) -> None:
    def said(document: Document) -> list[tuple[str | None, ...]]:
        found = extract(document, load_schema())
        return sorted((c.model or "", c.relation, c.value, c.stage or "", c.method) for c in found.claims)

    for document in documents(shared / "eval" / folder):
        plain, other = map(said, with_ends(document))
        assert other == plain, document.id


@pytest.mark.parametrize("folder", SETS)
def test_values_stand_among_what_is_scanned(shared: Path, folder: str) -> None:
    tally = recall(shared / "eval" / folder, load_schema())
    assert tally.total.total() > 50
    assert tally.share >= FLOORS[folder], "\n".join(tally.missed)


def words() -> list[str]:
    """Return every word of the lexicon and a sample of the catalogue's names."""
    data = tomllib.loads((Path(kg.extract.rules.__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))
    sections = [
        *data["topic"].values(),
        *data["stage"].values(),
        *(v for values in data["value"].values() for v in values.values()),
    ]
    return sorted({literal_ for section in sections for literal_ in section} | {thing.name for thing in load_schema().things[::7]})


NUMBERS = (
    "0 1 00 64 16,384 0.1 1e-4 2×10^-5 10⁻⁴ 7B 13.7 2.5 half two 2023 3% 12:30:00 224x224 5½ ² 1.5M 10^99 1e99 000 -1 .5 "
    "99999 3d 2w 1/2 v2 1st 80GB 8xA100 $5 #1 [1]"
).split()
GLUE = [
    *" , . ; : ( ) / - | * ` ~ _ = + & % < > \" ' é 中 😀 → \n \t \u00a0 \u200b \x00".split(" "),
    " ",
    "\n\n",
    "\r\n",
    "\n- ",
    "\n# ",
    "\n| ",
    " | ",
    "\n|---|---|\n",
    "```bash\n",
    "\n```\n",
    "&amp;",
    "<!--",
    "-->",
    "<table><tr><td>",
    "</td></tr></table>",
    *(
        f"<{slash}{tag}>"
        for tag in ("model", "params", "hardware", "gpu_count", "training", "year", "country", "b")
        for slash in ("", "/")
    ),
    *" and | or | of | to | with | for | on | from | per | days | hours | billion | GPUs ".split("|"),
    " our model Quillon-7B ",
    " respectively",
]
PIECES = st.one_of(st.sampled_from(words()), st.sampled_from(NUMBERS), st.sampled_from(GLUE), st.sampled_from(GLUE))
REPORTS = st.lists(PIECES, max_size=40).map("".join)
NAMES = st.sampled_from(["report.txt", "report.md"])


def assert_extracted(text: str, name: str) -> None:
    document = read_text(text, name)
    found = extract(document, load_schema())
    assert_well_formed(found, document)
    assert extract(document, load_schema()) == found


@given(REPORTS, NAMES)
@settings(max_examples=300, deadline=None)
def test_any_pieces_of_a_report_are_read(text: str, name: str) -> None:
    assert_extracted(text, name)


@given(st.text(), NAMES)
@settings(deadline=None)
def test_any_text_is_read(text: str, name: str) -> None:
    assert_extracted(text, name)


@given(st.binary().map(lambda data: data.decode("latin-1")), NAMES)
@settings(deadline=None)
def test_any_bytes_are_read(text: str, name: str) -> None:
    assert_extracted(text, name)


MARKUP = st.text(alphabet=list("<>/!-model params=\"'#|*`[]() \n:7B"), max_size=200)


@given(MARKUP, NAMES)
@settings(deadline=None)
def test_any_markup_is_read(text: str, name: str) -> None:
    assert_extracted(text, name)


REPEATED = [
    "64 GPUs ",
    "1e-4, ",
    "A100, ",
    "Quillon-7B ",
    "ImageNet, ",
    "pretraining and fine-tuning ",
    "7B and ",
    "<model>",
    "| 1 ",
    "# A-7B\n",
]
REPEATED += [
    "- 1\n",
    "a: 1\n",
    "one ",
    "a week ",
    "16 nodes with 8 GPUs ",
    "ViT-L/14 from ",
    "Berlin, Germany, ",
    "((",
    "; ",
    "é",
    "A-7B at 7B and 13B. ",
]


@pytest.mark.parametrize("piece", REPEATED)
def test_one_thing_over_and_over_is_read(piece: str) -> None:
    document = read_text("# Quillon-7B\n\n" + piece * (5_000 // len(piece)), "report.md")
    assert_well_formed(extract(document, load_schema()), document)


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", ".", "a", "1", "#", "|", "<model>", "---", "\ufeff"])
def test_next_to_nothing_says_nothing(text: str) -> None:
    found = extract(read_text(text, "report.md"), load_schema())
    assert (found.claims, found.suggestions) == ((), ())


def test_offsets_count_characters_of_the_source() -> None:
    source = (
        "\ufeff😀 <b>Quillon-7B</b>, a language model, was trained on 64&nbsp;GPUs <!-- 8 GPUs --> for <training>3 days</training>."
    )
    claims = extract(read_text(source, "report.md"), load_schema()).claims
    shown = {claim.relation: source[claim.start : claim.end] for claim in claims}
    assert shown["name"] == "Quillon-7B"
    assert shown["acceleratorCount"].startswith("64")
    assert shown["duration"] == "3 days"


def test_momenta_are_no_rates() -> None:
    text = "# Quillon-7B\n\nWe used AdamW with \u03b21 = 0.9, \u03b22 = 0.95 and a learning rate of 1e-4."
    claims = extract(read_text(text, "report.md"), load_schema()).claims
    assert [claim.value for claim in claims if claim.relation == "peakLearningRate"] == ["1e-4"]


@pytest.mark.parametrize("text", ["The batch size was 256 until 3 weeks had passed.", "The batch size was 256, then to 3 weeks."])
def test_both_numbers_of_a_pair_have_a_literal(text: str) -> None:
    assert_extracted(f"# Quillon-7B\n\n{text}", "report.md")


EXAMPLES = [
    ("tag", "<model>Quillon-7B</model> was trained for 3 days.", ("name", "Quillon-7B", "Quillon-7B")),
    ("rule:model", "# Quillon-7B\n\nTraining took 3 days.", ("name", "Quillon-7B", "Quillon-7B")),
    ("rule:size-in-name", "# Quillon-7B\n\nTraining took 3 days.", ("parameterCount", "7000000000", "Quillon-7B")),
    ("rule:number", "# Quillon-7B\n\nTraining took 3 days.", ("duration", "P3D", "3 days")),
    ("rule:number", "# Quillon-7B\n\nWe train with batches of 512 and 128.", ("globalBatchSize", "128", "128")),
    ("rule:number", "We present Quillon at 33B and 65B.", ("parameterCount", "65000000000", "65B")),
    (
        "rule:name",
        "# Quillon-7B\n\nThe whole of the training took place on a cluster of 64 NVIDIA\nA100 80GB.",
        ("accelerator", "NVIDIA A100 80GB", "NVIDIA\nA100 80GB"),
    ),
    ("rule:name", "# Quillon-7B\n\nIt was trained with *Adam`W`*.", ("optimizer", "AdamW", "Adam`W")),
    ("rule:value", "# Quillon-7B\n\nWe train in bf16.", ("precision", "bfloat16", "bf16")),
    ("rule:value", "# Quillon-7B\n\nThe learning rate follows a cosine schedule.", ("learningRateSchedule", "cosine", "cosine")),
    (
        "rule:name",
        "# Quillon-7B\n\n| Benchmark | Quillon-7B |\n|---|---|\n| MMLU | 61.2 |\n| GSM8K | 33.1 |",
        ("evaluationDataset", "GSM8K", "GSM8K"),
    ),
    ("rule:language", "---\nlanguage: en\n---\n\n# Quillon-7B\n\nTraining took 3 days.", ("language", "en", "en")),
]


@pytest.mark.parametrize(("method", "text", "expected"), EXAMPLES)
def test_each_way_to_a_claim(method: str, text: str, expected: tuple[str, str, str]) -> None:
    claims = extract(read_text(text, "report.md"), load_schema()).claims
    assert expected in [(claim.relation, claim.value, claim.mention) for claim in claims if claim.method == method]


def test_each_way_has_an_example(shared: Path) -> None:
    found = (extract(document, load_schema()) for folder in SETS for document in documents(shared / "eval" / folder))
    assert {claim.method for extraction in found for claim in extraction.claims} == {method for method, _, _ in EXAMPLES}


def test_a_wrapped_item_says_the_same() -> None:
    text = "# Quillon-7B\n\n- It was trained with a learning rate of 1e-4 on 64 NVIDIA A100 GPUs, and weight decay of 0.1.\n"
    wrapped = (
        text.replace("learning rate", "learning\n  rate")
        .replace("NVIDIA A100", "NVIDIA\n  A100")
        .replace("weight decay", "weight\n  decay")
    )
    said, again = (
        {(c.relation, c.value) for c in extract(read_text(t, "report.md"), load_schema()).claims} for t in (text, wrapped)
    )
    assert again == said
