"""The catalogue itself: how much it holds, which names it keeps apart, and that every row can be trusted."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kg.model import Thing
from kg.schema import Schema, ontology_dir
from kg.values import name_key

TABLES = {path.stem: path for path in sorted((ontology_dir() / "catalog").glob("*.csv"))}
AT_LEAST = {
    "accelerators": 250,
    "components": 30,
    "datasets": 150,
    "licenses": 100,
    "models": 300,
    "optimizers": 60,
    "organizations": 200,
    "software": 250,
}
# Words of plain English, and first names, that are names of something in the field as well.
WORDS = """
ace act adapt adept alice align alpaca amazon amber apollo apple aria art atlas atom aurora bark base basic bird blink bold
book books boost breakfast bunny camel canary chair chameleon chorus claude clay clue code coin columbia command composer
contrast copper cord cosine counsel data decision delta demand diamond dolly dolphin donut draw dream drop electricity emu
ethics eve exams exchange factory facts falcon fast figure fire fisher flair fleet flow frames frozen galaxy gemini genesis
genie gibson gluon gopher graph griffin haiku hawk helix helmet hydra inception include infinity informer instructor iron
jasper jester jigsaw jukebox kite koala law legacy lens lima lion lotus lumiere lyra magpie mars math medusa mercury merlin
meta meteor meter mind mistral mitosis moment monkey mosaic moses muse music news newsroom nougat nova obsidian octo once
optimum opus oracle orb orca osprey otter paloma parrot parti path perfusion petals pets phoenix pluribus pope primer prodigy
puzzle race radio raft rainbow ram ranger ray record reddit replica rotation ruler sail sailor sam scenic science scion signum
simple sketchy soap solar sonar sonnet sophia spark sparrow speech spice spider spot sprint stanza star steam step stories
stream swag swallow swift switch tango target theseus tiger together tomato tortoise touchstone traffic transformer
transformers trax triton twitter typhoon unicorn venus verse viking viola voltron wave weather web whale wild windows wit
writer
""".split()
# Spellings of one thing, and of two that a measure of likeness would take for one.
SAME = [
    ("Flan-T5-XL", "FlanT5-XL", "model"),
    ("Flan-T5-XL", "flan-t5-xl", "model"),
    ("Flan-T5-XL", "google/flan-t5-xl", "model"),
    ("Vicuna-13B-v1.5", "lmsys/vicuna-13b-v1.5", "model"),
    ("LLaMA-2-7B", "meta-llama/Llama-2-7b-hf", "model"),
    ("Llama 3 8B", "Meta-Llama-3-8B", "model"),
    ("Mistral 7B", "Mistral-7B-v0.1", "model"),
    ("BERT-base-uncased", "bert-base-uncased", "model"),
    ("Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Instruct", "model"),
    ("CLIP ViT-L/14@336px", "openai/clip-vit-large-patch14-336", "model"),
    ("CLIP ViT-L/14", "CLIP-ViT-L/14", "model"),
    ("SigLIP-So400m/14-384", "google/siglip-so400m-patch14-384", "model"),
    ("EVA-CLIP ViT-g/14", "EVA01-CLIP-g/14", "model"),
    ("Q-Former", "Querying Transformer", "component"),
    ("CC3M", "Conceptual Captions 3M", "dataset"),
    ("COCO", "MS COCO", "dataset"),
    ("NVIDIA A100 80GB", "A100-SXM4-80GB", "accelerator"),
    ("DeepSpeed ZeRO-3", "ZeRO stage 3", "software"),
    ("UC Berkeley", "University of California, Berkeley", "organization"),
    ("Apache-2.0", "Apache License 2.0", "license"),
]
DIFFERENT = [
    ("ViT-g/14", "ViT-G/14", "model"),
    ("EVA-CLIP ViT-g/14", "EVA-CLIP ViT-G/14", "model"),
    ("LLaMA", "LLaMA-2", "model"),
    ("LLaMA-2", "LLaMA-3", "model"),
    ("LLaMA-2-7B", "LLaMA-2-7B-Chat", "model"),
    ("LLaMA-7B", "LLaMA-2-7B", "model"),
    ("Flan-T5-XL", "Flan-T5-XXL", "model"),
    ("T5-XXL", "Flan-T5-XXL", "model"),
    ("Vicuna-7B", "Vicuna-13B", "model"),
    ("Vicuna-13B", "Vicuna-13B-v1.5", "model"),
    ("LLaVA", "LLaVA-1.5", "model"),
    ("CLIP ViT-L/14", "CLIP ViT-L/14@336px", "model"),
    ("CLIP ViT-H/14", "OpenCLIP ViT-H/14", "model"),
    ("Mistral 7B", "Mistral-7B-Instruct-v0.2", "model"),
    ("Whisper large-v2", "Whisper large-v3", "model"),
    ("LAION-2B", "LAION-5B", "dataset"),
    ("CC3M", "CC12M", "dataset"),
    ("C4", "mC4", "dataset"),
    ("MMLU", "MMLU-Pro", "dataset"),
    ("SQuAD", "SQuAD 2.0", "dataset"),
    ("The Stack", "The Stack v2", "dataset"),
    ("NVIDIA A100 40GB", "NVIDIA A100 80GB", "accelerator"),
    ("TPU v5e", "TPU v5p", "accelerator"),
    ("DeepSpeed ZeRO-2", "DeepSpeed ZeRO-3", "software"),
    ("Llama 2 Community License", "Llama 3 Community License", "license"),
]


def rows(table: str) -> list[dict[str, str]]:
    with TABLES[table].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def one(schema: Schema, name: str, kind: str) -> Thing:
    found = schema.find(name, kind)
    assert len(found) == 1, f"{name}: {[thing.name for thing in found]}"
    return found[0]


def folder(thing: Thing, schema: Schema) -> str:
    return thing.iri.removeprefix(schema.base).split("/")[0]


# The files --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_file_is_sorted_text_with_unix_line_ends(table: str) -> None:
    content = TABLES[table].read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n") and not content.endswith(b"\n\n")
    names = [row["name"] for row in rows(table)]
    assert names == sorted(names, key=lambda name: (name.casefold(), name))


@pytest.mark.parametrize("table", TABLES)
def test_cells_have_no_stray_spaces_and_no_empty_alternatives(table: str) -> None:
    for row in rows(table):
        for column, cell in row.items():
            assert cell == " ".join(cell.split()), f"{row['name']}: {column}"
            assert all(part and part == part.strip() for part in cell.split("|") if cell), f"{row['name']}: {column}"
        assert row.get("context", "") in {"", "yes"}, row["name"]


def test_columns_are_relations_or_explained(schema: Schema) -> None:
    readme = (ontology_dir() / "catalog" / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        for column in rows(table)[0]:
            assert column in schema.relations or f"`{column}`" in readme, f"{table}: {column}"


@pytest.mark.parametrize(("table", "number"), AT_LEAST.items())
def test_enough_things(table: str, number: int) -> None:
    assert len(rows(table)) >= number


# Names ------------------------------------------------------------------------------------------------------------------------


def claims_to_names(schema: Schema) -> Mapping[tuple[str, str], Mapping[str, Thing]]:
    found: dict[tuple[str, str], dict[str, Thing]] = defaultdict(dict)
    for thing in schema.things:
        for name in (thing.name, *thing.aliases):
            found[folder(thing, schema), name_key(name)][thing.iri] = thing
    return found


def test_a_name_of_two_things_is_ambiguous_for_both(schema: Schema) -> None:
    wrong = [
        f"{kind} {key}: {sorted(thing.name for thing in things.values())}"
        for (kind, key), things in claims_to_names(schema).items()
        if len(things) > 1 and not all(key in map(name_key, thing.ambiguous) for thing in things.values())
    ]
    assert not wrong


def scanned(name: str) -> str:
    plain = re.sub(r"[-_‐–]", " ", name).strip()
    return plain if len(plain) <= 5 else plain.casefold()  # short names count only as they are written


def test_no_spelling_is_given_twice(schema: Schema) -> None:
    wrong = []
    for thing in schema.things:
        names = [(name_key(name), scanned(name)) for name in (thing.name, *thing.aliases)]
        wrong += [f"{thing.kind} {thing.name}: {key}" for key in {key for key in names if names.count(key) > 1}]
    assert not wrong


@pytest.mark.parametrize(("one_name", "other_name", "kind"), SAME)
def test_spellings_of_one_thing(schema: Schema, one_name: str, other_name: str, kind: str) -> None:
    assert one(schema, one_name, kind) is one(schema, other_name, kind)


@pytest.mark.parametrize(("one_name", "other_name", "kind"), DIFFERENT)
def test_names_of_two_things(schema: Schema, one_name: str, other_name: str, kind: str) -> None:
    assert one(schema, one_name, kind) is not one(schema, other_name, kind)


@pytest.mark.parametrize(("name", "countries"), [("Korea", {"North Korea", "South Korea"}), ("Georgia", {"Georgia"})])
def test_country_names_that_do_not_decide(schema: Schema, name: str, countries: set[str]) -> None:
    found = schema.find(name, "country")
    assert {thing.name for thing in found} == countries
    assert all(name in thing.ambiguous for thing in found)


@pytest.mark.parametrize("word", WORDS)
def test_plain_words_count_only_in_context(schema: Schema, word: str) -> None:
    assert [f"{thing.kind} {thing.name}" for thing in schema.find(word) if not thing.in_context] == []


def test_the_words_are_worth_testing(schema: Schema) -> None:
    assert sum(bool(schema.find(word)) for word in WORDS) >= 120


@pytest.mark.parametrize("kind", ["component", "dataset", "model", "optimizer", "organization", "software"])
def test_short_lower_case_names_count_only_in_context(schema: Schema, kind: str) -> None:
    """A name of letters that begins a sentence like any word must not be taken for one."""
    assert [
        thing.name
        for thing in schema.things
        if thing.kind == kind and re.fullmatch(r"[a-z]{1,3}", thing.name) and not thing.in_context
    ] == []


# Facts ------------------------------------------------------------------------------------------------------------------------


def test_countries_are_those_of_iso_3166(schema: Schema) -> None:
    countries = rows("countries")
    assert len(countries) == 249
    for column, form in (("countryCode", r"[A-Z]{2}"), ("alpha3", r"[A-Z]{3}"), ("numeric", r"\d{3}")):
        codes = [row[column] for row in countries]
        assert len(set(codes)) == 249
        assert all(re.fullmatch(form, code) for code in codes)
    assert all(row["id"] == row["countryCode"].lower() for row in countries)


def test_every_accelerator_of_the_hardware_table_is_known(schema: Schema, shared: Path) -> None:
    with (shared / "data/epoch/ml_hardware.csv").open(encoding="utf-8", newline="") as file:
        names = [row["Hardware name"].strip() for row in csv.DictReader(file)]
    assert len(names) > 150
    assert [name for name in names if not schema.find(name, "accelerator")] == []


def specific_accelerators() -> Iterator[dict[str, str]]:
    return (row for row in rows("accelerators") if row["generic"] != "yes")


def test_accelerators_say_who_made_them_when_and_who_says_so() -> None:
    for row in specific_accelerators():
        assert row["manufacturer"], row["name"]
        assert (row["source"] and row["releaseDate"]) or row["note"], row["name"]
        assert not row["releaseDate"] or re.fullmatch(r"\d{4}-\d\d-\d\d", row["releaseDate"]), row["name"]


def test_peak_rates_are_plausible() -> None:
    for row in rows("accelerators"):
        peaks = {column: float(cell) for column, cell in row.items() if re.fullmatch(r"peak[FT][pf]\d+|peakInt8", column) and cell}
        assert all(1e9 <= peak <= 1e17 for peak in peaks.values()), row["name"]
        assert peaks.get("peakFp16", 0) <= peaks.get("peakFp8", 1e17), row["name"]
        assert not row["memory"] or 1e8 <= int(row["memory"]) <= 1e14, row["name"]


def test_figures_of_epoch_carry_the_credit() -> None:
    credited = [row for row in specific_accelerators() if row["credit"]]
    assert len(credited) > 100
    assert all("Epoch AI" in row["credit"] and "CC BY 4.0" in row["credit"] for row in credited)


def test_variants_and_manufacturers_are_known(schema: Schema) -> None:
    for row in rows("accelerators"):
        one(schema, row["manufacturer"], "organization")
        if row["variantOf"]:
            assert one(schema, row["variantOf"], "accelerator").name == row["variantOf"]


def test_organizations_are_based_in_a_country(schema: Schema) -> None:
    codes = {row["id"] for row in rows("countries")}
    organizations = rows("organizations")
    assert {code for row in organizations for code in row["basedIn"].split("|") if code} <= codes
    assert sum(bool(row["basedIn"]) for row in organizations) > len(organizations) * 0.9


def test_models_have_a_role_and_known_organizations(schema: Schema) -> None:
    roles = set()
    for row in rows("models"):
        assert row["role"] and row["source"], row["name"]
        roles.add(row["role"])
        for organization in filter(None, row["organization"].split("|")):
            assert one(schema, organization, "organization").name == organization, row["name"]
        assert not row["releaseDate"] or re.fullmatch(r"\d{4}-\d\d-\d\d", row["releaseDate"]), row["name"]
        assert not row["parameterCount"] or 1e3 <= int(row["parameterCount"]) <= 1e14, row["name"]
    assert {"language", "image-encoder", "vision-language", "speech"} <= roles
    assert len(roles) <= 16


@pytest.mark.parametrize(
    ("name", "role", "low", "high"),
    [
        ("LLaMA-7B", "language", 6.6e9, 7e9),
        ("Llama-2-13B", "language", 12.9e9, 13.1e9),
        ("Flan-T5-XL", "language", 2.7e9, 3.1e9),
        ("Flan-T5-XXL", "language", 10.9e9, 11.4e9),
        ("BERT-base", "language", 1.08e8, 1.12e8),
        ("BERT-large", "language", 3.3e8, 3.45e8),
        ("Mistral 7B", "language", 7.2e9, 7.4e9),
        ("EVA-CLIP ViT-g/14", "image-encoder", 0.98e9, 1.2e9),
        ("ViT-L/16", "image-encoder", 3.0e8, 3.1e8),
        ("ResNet-50", "image-encoder", 2.5e7, 2.6e7),
        ("Whisper large-v2", "speech", 1.5e9, 1.6e9),
    ],
)
def test_sizes_of_well_known_backbones(schema: Schema, name: str, role: str, low: float, high: float) -> None:
    thing = one(schema, name, "model")
    assert thing.facts["role"] == role
    assert low <= int(thing.facts["parameterCount"]) <= high
    assert re.fullmatch(r"arXiv:\d{4}\.\d{4,5}|epoch|open_clip|https://\S+", thing.facts["source"])


def test_the_size_in_a_name_is_the_size(schema: Schema) -> None:
    """A parameter count is near the size that the name gives, unless experts share it."""
    wrong = []
    for row in rows("models"):
        match = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![\w.])", row["name"])
        if match and row["parameterCount"] and not re.search(r"\dx\d|-A\d|MoE", row["name"]):
            size = float(match[1]) * {"M": 1e6, "B": 1e9}[match[2]]
            if not 0.7 <= int(row["parameterCount"]) / size <= 1.5:
                wrong.append(row["name"])
    assert not wrong
