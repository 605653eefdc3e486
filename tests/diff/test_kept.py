"""The shrink guard looks only at the reports that changed, wherever that is enough to say that not too much is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.diff import refuse_shrink
from kg.diff._stated import claims_in, facts_in
from kg.errors import BuildError
from kg.model import Claim
from kg.resolve import names_of
from kg.schema import DEFAULT_BASE, Schema, load_schema
from kg.store import Build
from kg.wire import claims_of
from tests.diff.small import KESTREL, MERLIN, OSPREY, Builds

BEFORE = {
    "a.txt": KESTREL,
    "b.txt": MERLIN,
    "c.md": OSPREY,
    "d.txt": "Owl-2B was pretrained on CC3M, CC12M, COCO and Visual Genome for 3 epochs with Adam.\n",
    "e.txt": "Heron-9B was pretrained on The Pile and C4 for 90,000 steps with AdamW in bfloat16.\n",
    "f.txt": KESTREL.replace("AdamW", "AdamW for 3 epochs"),
    "g.txt": "Owl-2B was pretrained on The Pile, C4, RedPajama, Objects365, SA-1B, LAION-400M, LAION-5B, VQAv2, GQA, OK-VQA, MMLU, "
    "HellaSwag, ImageNet, Flickr30k and RefCOCO.\n",
    "é.txt": "Merlin-3B was trained on 64 NVIDIA A100 80GB GPUs.\n",
}
FEWER = BEFORE["d.txt"].replace(" and Visual Genome", "")


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema(DEFAULT_BASE)


def judge(before: Build, after: Build, schema: Schema, *, whole: bool, folder: bool = True) -> None:
    """Judge a build; where not the `whole` of it may be read, fail when that is asked for."""
    names = names_of(list(claims_of(after.path)), schema)

    def claims() -> Iterator[Claim]:
        assert whole, "all claims are asked for"
        return claims_of(after.path)

    refuse_shrink(before, after.manifest, claims, names, schema, "out", folder=after.path if folder else None)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"a.txt": None},
        {
            "e.txt": "A new line.\n\n" + BEFORE["e.txt"],
            "z.txt": KESTREL.replace("Kestrel", "Ibis"),
            "b.txt": MERLIN.replace("5", "6"),
        },
    ],
    ids=["nothing", "gone, but said elsewhere", "moved, one more, one fact less"],
)
def test_what_did_not_change_is_not_read(builds: Builds, schema: Schema, changed: dict[str, str | None]) -> None:
    after = {name: text for name, text in (BEFORE | changed).items() if text is not None}
    judge(builds.build(BEFORE), builds.build(after), schema, whole=False)
    judge(builds.build(BEFORE), builds.build(after), schema, whole=True, folder=False)


def test_what_may_be_too_much_is_looked_at_as_a_whole(builds: Builds, schema: Schema) -> None:
    after = builds.build({name: text for name, text in BEFORE.items() if name != "e.txt"})
    with pytest.raises(AssertionError, match="all claims are asked for"):
        judge(builds.build(BEFORE), after, schema, whole=False)
    for folder in (True, False):
        with pytest.raises(BuildError, match=r"would lose 1 of 5 models and(?s:.*)e\.txt \(no longer there"):
            judge(builds.build(BEFORE), after, schema, whole=True, folder=folder)


def test_a_model_with_another_name_is_looked_at_as_a_whole(builds: Builds, schema: Schema) -> None:
    after = builds.build(BEFORE | {"e.txt": BEFORE["e.txt"].replace("Heron", "Stork")})
    with pytest.raises(AssertionError, match="all claims are asked for"):
        judge(builds.build(BEFORE), after, schema, whole=False)
    judge(builds.build(BEFORE), after, schema, whole=True)


@pytest.mark.parametrize("reports", [(), ("a.txt",), ("é.txt", "b.txt"), ("none.txt", "c.md", ""), tuple(BEFORE)])
def test_claims_of_some_reports_are_those_of_all(builds: Builds, schema: Schema, reports: tuple[str, ...]) -> None:
    build = builds.build(BEFORE)
    wanted = [claim for claim in claims_of(build.path) if claim.report in reports]
    assert list(claims_in(build.path, reports)) == wanted
    every = list(facts_in(build, schema))
    assert list(facts_in(build, schema, reports)) == [found for found in every if found[1] in reports]


def test_no_claims(tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").touch()
    assert list(claims_in(tmp_path, ["a.txt"])) == []


@pytest.mark.parametrize("text", ["{", '{"report": 7}\n', '["a.txt"]\n'])
def test_damaged_claims(tmp_path: Path, text: str) -> None:
    (tmp_path / "claims.jsonl").write_text(text)
    with pytest.raises(BuildError, match=r"(?s)claims\.jsonl: the build cannot be read.*build again"):
        list(claims_in(tmp_path, ["a.txt"]))
