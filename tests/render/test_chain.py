"""Why a fact is in the graph, as text."""

from __future__ import annotations

from typing import Any

import pytest

from kg.chain import Absent, Answer, Computed, Fact, Known, Remark, Said, Thing, words
from kg.places import ReportSource
from kg.render import answer_text

TEXT = "Kestrel-7B was trained for about\n5 days on 64 GPUs.\n"
SOURCES = {"a.txt": ReportSource("reports/a.txt", TEXT), "b.txt": ReportSource("reports/b.txt", "It took 4 to 6 days.")}
MODEL = "https://w3id.org/kg/model/kestrel-7b"


def said(mention: str, value: str, report: str = "a.txt", **more: Any) -> Said:
    start = SOURCES[report].text.index(mention)
    fields: dict[str, Any] = {"relation": "duration", "name": None, "value_max": None, "unit": None, "approximate": False}
    place = words(report, start, start + len(mention), SOURCES)
    return Said(claim="c", value=value, words=place, **(fields | {"method": "rule"} | more))


def fact(*claims: Said, **more: Any) -> Fact:
    fields: dict[str, Any] = {"stage": None, "relation": "duration", "origin": "report", "value": "P5D", "name": None}
    return Fact(claims=claims, **({"model": MODEL, "label": "Kestrel-7B", "subject": MODEL} | fields | more))


def computed(**more: Any) -> Computed:
    fields: dict[str, Any] = {"stage": None, "low": "100", "high": "200", "unit": "hours", "rule": "r", "formula": "2 × 75"}
    return Computed("d", "Kestrel-7B", "impliedAcceleratorHours", **({"value": "150"} | fields | more))


def shown(*facts: Fact, width: int = 100, color: bool = False, full: bool = False, **more: Any) -> str:
    return answer_text(Answer("x", facts=facts, **more), SOURCES, color=color, width=width, full=full)


def test_a_claim_with_its_words() -> None:
    assert shown(fact(said("5 days", "P5D", approximate=True))).splitlines() == [
        "Kestrel-7B: duration about P5D",
        " --> reports/a.txt:2:1  (chars 33..39)",
        "  |",
        "2 | 5 days on 64 GPUs.",
        "  | ^^^^^^ about P5D, by rule",
    ]


def test_a_range_with_its_unit_and_another_value_in_another_report() -> None:
    other = fact(said("4 to 6 days", "P4D", "b.txt", value_max="P6D", unit="days", method="llm:x"))
    lines = shown(fact(said("5 days", "P5D"), others=(other,))).splitlines()
    assert lines[-1] == "  |         ----------- otherwise P4D to P6D days, by llm:x"
    assert lines[5] == " ::: reports/b.txt:1:9  (chars 8..19)"


@pytest.mark.parametrize(
    ("bounds", "head"),
    [
        ({}, "150 hours (100 to 200)"),
        ({"high": None}, "150 hours (100 or more)"),
        ({"high": None, "low": "150"}, "150 hours or more"),
        ({"low": "150", "high": "150"}, "150 hours"),
        ({"unit": None, "low": None}, "150 (150 to 200)"),
        ({"value": "12680500000000000000000", "low": "1000000000000000000", "high": "20000"}, "1.26805e22 hours (1e18 to 20,000)"),
    ],
)
def test_the_interval_of_a_derived_fact(bounds: dict[str, str | None], head: str) -> None:
    item = computed(**bounds)
    assert shown(fact(derived=(item,), relation=item.relation)).splitlines()[0] == f"Kestrel-7B: impliedAcceleratorHours {head}"


def test_a_chain_is_indented_and_told_once() -> None:
    inner = computed(claims=(said("64", "64", relation="acceleratorCount"),), formula="64 × 2")
    catalog = (Known("a", "A100", "peakFp16", "3", sources=("https://s",), credits=("Epoch",)),)
    again = computed(repeated=True)
    outer = computed(inputs=(inner, again), assumptions=("half is reached",), figures=("peak of A100: 3",), catalog=catalog)
    assert shown(fact(derived=(outer,))).splitlines() == [
        "Kestrel-7B: duration 150 hours (100 to 200)",
        " = formula: 2 × 75",
        " = rule: r",
        " = assuming: half is reached",
        " = figure: peak of A100: 3",
        " = credit: Epoch",
        "  Kestrel-7B: impliedAcceleratorHours 150 hours (100 to 200)",
        "   = formula: 64 × 2",
        "   = rule: r",
        "   --> reports/a.txt:2:11  (chars 43..45)",
        "    |",
        "  2 | 5 days on 64 GPUs.",
        "    |           ^^ acceleratorCount 64, by rule",
        "  Kestrel-7B: impliedAcceleratorHours 150 hours (100 to 200)",
        "   = computed: as above",
    ]


def test_findings_and_what_is_not_certain() -> None:
    text = shown(fact(said("5 days", "P5D"), remarks=(Remark("KG301", "warning", "two values", ("b.txt: 4",)),), certain=False))
    assert text.startswith("Kestrel-7B: duration P5D (possibly: the row does not say)\n")
    assert text.endswith(" = warning[KG301]: two values\n = note: b.txt: 4\n")


def test_another_derived_value() -> None:
    text = shown(fact(derived=(computed(),), others=(fact(derived=(computed(value="170"),)),)))
    assert text.endswith(" = otherwise: 170 hours (100 to 200)  = 2 × 75\n")


def test_what_is_not_there() -> None:
    lack = Absent(MODEL, "Kestrel-7B", "pretraining", "steps", "report", "Updates.", "We trained for 5 steps.", ())
    assert shown(absent=(lack,)).splitlines() == [
        "Kestrel-7B, pretraining: steps not stated",
        " = looked for: Updates.",
        " = as in: “We trained for 5 steps.”",
        " = in: no report",
    ]
    derived = Absent(MODEL, "Kestrel-7B", None, "x", "derived", "A sum.", "", ("a.txt",), (Remark("KG205", "info", "no count"),))
    assert shown(absent=(derived,)).splitlines()[::3] == ["Kestrel-7B: x not computed", " = note[KG205]: no count"]


def test_suggestions() -> None:
    maybe = said("64", "64", relation="steps", score=0.4)
    lack = Absent(MODEL, "Kestrel-7B", None, "steps", "report", "Updates.", "", (), suggestions=(maybe,))
    assert " = perhaps: 64, a suggestion with score 0.4; kg review tells more\n --> reports/a.txt:2:11" in shown(absent=(lack,))


def test_a_list_of_many_facts() -> None:
    several = [fact(said("5 days", "P5D"), said("4 to 6 days", "P5D", "b.txt")), fact(derived=(computed(),), relation="hours")]
    staged = [fact(stage="pretraining", subject="r", value=str(number)) for number in (10_000, 2023)]
    text = shown(
        *several,
        *staged,
        whole=True,
        unstated=("steps", "epochs"),
        things=(Thing(MODEL, "model", "Kestrel-7B", ("K7",), ("a.txt",) * 7),),
    )
    assert text.splitlines() == [
        f"Kestrel-7B  model {MODEL}",
        "  also called K7",
        "  described in a.txt, a.txt, a.txt, a.txt, a.txt and 2 more",
        "",
        "the model",
        "  duration  P5D                     reports/a.txt:2:1 “5 days” and 1 more",
        "  hours     150 hours (100 to 200)  = 2 × 75",
        "",
        "pretraining",
        "  duration  10,000",
        "  duration  2023",
        "",
        "not stated: steps, epochs",
    ]
    assert shown(*several, *staged, whole=True, full=True).count("Kestrel-7B") == 4


def test_facts_of_several_models_and_what_rests_on_them() -> None:
    other = fact(said("5 days", "P5D"), model="m", label="Owl-1B", subject="m")
    text = shown(
        *[fact(said("5 days", "P5D"))] * 3,
        other,
        whole=True,
        resting=(fact(derived=(computed(),), stage="pretraining", subject="r"),),
    )
    heads = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert heads == ["Kestrel-7B, the model", "Owl-1B, the model", "computed from it: Kestrel-7B, pretraining"]


def test_nothing_is_known() -> None:
    assert shown(whole=True) == "nothing is known of x\n"
    known = (Known("t", "A100", "tdp", "400"), Known("t", "A100", "maker", "iri", "NVIDIA", ("https://s",)))
    assert shown(things=(Thing("t", "accelerator", "A100", known=known),)).splitlines() == [
        "A100  accelerator t",
        "  tdp    400",
        "  maker  NVIDIA",
        "  source: https://s",
    ]


@pytest.mark.parametrize("width", [0, 1, 40, 400])
def test_any_width_and_color(width: int) -> None:
    text = shown(fact(said("5 days", "P5D"), derived=(computed(inputs=(computed(),)),)), width=width, color=True)
    assert "\x1b[1;36m" in text
    hostile = fact(said("5 days", "P5D\x1b[2J"), label="K\x1b[31m\u202e")
    assert "\x1b" not in shown(hostile) and "\u202e" not in shown(hostile)
