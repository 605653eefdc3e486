"""`kg gaps` as a user meets it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.command import SEEDS, kg

MODELS = 7


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the seeds' build, as `kg-out`, and one of another model that names its developer."""
    folder = tmp_path_factory.mktemp("gaps")
    (folder / "seeds").symlink_to(SEEDS)
    assert kg("build", "seeds", cwd=folder).returncode in {0, 1}
    (folder / "more").mkdir()
    (folder / "more/kestrel.txt").write_text("Kestrel-7B was developed by Mistral AI and released in 2024.\n")
    (folder / "more/merlin.txt").write_text(
        "<training>soon</training> we will have trained Merlin-3B, a language model with AdamW.\n"
    )
    assert kg("build", "more", "-o", "more-out", cwd=folder).returncode in {0, 1}
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "eu-gpia"], "no profile is named 'eu-gpia'\n  hint: did you mean eu-gpai"),
        (["--profile", "mine"], "choose one of: basic, eu-gpai, fmti-compute"),
        (["--profile", "./mine.toml"], "./mine.toml: the profile cannot be read: No such file"),
        (["--profile", "broken.toml"], "broken.toml:3: no relation of reports is named 'parametercount'\n  hint: did you mean par"),
        (["--by", "contry"], "no view of gaps is named 'contry'\n  hint: did you mean country"),
        (["--format", "markdwn"], "no format of gaps is named 'markdwn'\n  hint: did you mean markdown"),
        (["InstructBLP-13B"], "no model is named 'InstructBLP-13B'\n  hint: did you mean InstructBLIP-13B"),
        (["Q-Former"], "no report of this build is about 'Q-Former'\n  hint: it is only named as a part of other models"),
        (["InstructBLIP-13B", "--by", "year"], "one model has no groups by year"),
        (["-b", "nowhere"], "no build at nowhere"),
        (["one", "two"], "two"),
    ],
)  # fmt: skip
def test_wrong_use(arguments: list[str], message: str, built: Path) -> None:
    (built / "broken.toml").write_text('title = "T"\n[[fact]]\nany = ["parametercount"]\nname = "size"\n')
    ran = kg("gaps", *arguments, cwd=built)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_all_models(built: Path) -> None:
    ran = kg("gaps", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    title, _, names, rule, *rows = ran.stdout.splitlines()
    assert title == "What a person choosing or comparing models needs (profile basic)"
    assert names.split() == ["model", "score", "answered", "asked", "missing"]
    assert set(rule) == {"─", " "}
    assert len(rows) == MODELS
    (llava,) = (row for row in rows if row.startswith("Meta-LLaVA"))
    assert llava.split(maxsplit=5) == ["Meta-LLaVA-13B-v1.5", "82", "%", "16.5", "20", "license, developer"]


def test_one_model_with_its_words(built: Path) -> None:
    ran = kg("gaps", "instructblip 13b", "--profile", "eu-gpai", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line.strip() for line in ran.stdout.splitlines()]
    assert lines[:2] == ["InstructBLIP-13B: 71 % (10 of 14) of profile eu-gpai", "described in seeds/000_instructblip.txt"]
    assert '13000000000, seeds/000_instructblip.txt:1:391 "13 billion"' in lines
    assert "not applicable               acceptable use" in lines
    assert "kg has no relation for it" in lines
    assert "64 accelerators (pretraining): 16,384 ÷ (64 per device × 4 accumulation steps) = 64 accelerators" in lines
    assert 'about P21D (pretraining), seeds/000_instructblip.txt:3:755 "3 weeks"' in lines
    assert "not of instruction-tuning" in lines
    assert "1e23 FLOP, indicative criterion for a general-purpose AI model (Guidelines): cannot tell" in lines
    assert any("an estimate from what the reports say, and no legal advice" in line for line in lines)
    assert "estimate: at least 6.04e21 FLOP, 1.27e22 (pretraining) + unknown (instruction-tuning): at least 6.04e21 FLOP" in lines
    assert any(line.startswith("not counted, as nobody tells it: ") and "training of BLIP-2" in line for line in lines)


def test_where_own_training_and_the_whole_are_on_different_sides(built: Path) -> None:
    lines = kg("gaps", "Meta-LLaVA-13B-v1.5", "--profile", "eu-gpai", cwd=built).stdout.splitlines()
    assert any(line.endswith("(Guidelines): cannot tell; its own training alone: below") for line in lines)
    assert any(line.strip().startswith("its own training alone: 1.21e22 to 4.23e22 FLOP, ") for line in lines)
    assert "    128 accelerators × 504 hours = 64,512 accelerator-hours" in lines
    assert "    assumed: 0.35 of the peak rate is reached (0.2 to 0.5)" in lines
    none = kg("gaps", "BLIP-2 Flan-T5-XL", "--profile", "eu-gpai", cwd=built).stdout
    assert "estimate: none, as no compute is stated and none can be derived" in none
    assert "no accelerator count is stated" in none


def test_an_unnamed_model_and_what_may_be_said_of_it(built: Path) -> None:
    ran = kg("gaps", "unnamed/003_unnamed-30b.txt", cwd=built)
    assert ran.stdout.startswith("unnamed model of 003_unnamed-30b.txt: 35 % (7 of 20) of profile basic\n")
    assert "possibly stated  0 of 2      training data" in ran.stdout
    assert (
        'may be RandAugment (pretraining), seeds/003_unnamed-30b.txt:3:202 "RandAugment", 0.41 sure: kg review tells more'
        in ran.stdout
    )


def test_markdown(built: Path) -> None:
    ran = kg("gaps", "--by", "country", "--format", "markdown", cwd=built)
    assert ran.stdout.splitlines()[2:5] == [
        "| country | models | mean score | most often missing (models) |",
        "| --- | ---: | ---: | --- |",
        "| Japan | 1 | 35 % | name (1), license (1), developer (1) and 7 more |",
    ]
    one = kg("gaps", "Meta-LLaVA-13B-v1.5", "--profile", "eu-gpai", "--format", "markdown", cwd=built).stdout
    assert one.startswith(
        "## Meta-LLaVA-13B-v1.5\n\n82 % (11.5 of 14) of profile eu-gpai\n\n| fact | state | counts | of | what is said |\n"
    )
    assert "\n- 1e25 FLOP, presumption of systemic risk (Article 51(2)): cannot tell; its own training alone: below\n" in one
    plain = kg("gaps", "Meta-LLaVA-13B-v1.5", "--format", "markdown", cwd=built).stdout
    assert "FLOP, presumption" not in plain


def test_csv(built: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(kg("gaps", "--profile", "eu-gpai", "--format", "csv", cwd=built).stdout)))
    assert len(rows) == MODELS
    llava = next(row for row in rows if row["model"] == "Meta-LLaVA-13B-v1.5")
    assert llava["1e23 FLOP own training"] == "below"
    assert (llava["score"], llava["answered"], llava["1e23 FLOP"], llava["missing"]) == (
        "0.8214",
        "11.5",
        "cannot tell",
        "provider, license",
    )
    groups = list(csv.DictReader(io.StringIO(kg("gaps", "--by", "year", "--format", "csv", cwd=built).stdout)))
    assert [(row["year"], row["models"], row["by catalogue"]) for row in groups] == [("2023", "4", "0"), ("(not stated)", "3", "0")]
    facts = list(csv.DictReader(io.StringIO(kg("gaps", "LLaVA-33B", "--format", "csv", cwd=built).stdout)))
    assert [row["fact"] for row in facts if row["state"] == "stated"] == ["name", "number of parameters"]


def test_json(built: Path) -> None:
    ran = kg("gaps", "--json", "--profile", "eu-gpai", cwd=built)
    found = json.loads(ran.stdout)
    assert found["profile"]["name"] == "eu-gpai" and "no legal advice" in found["profile"]["warning"]
    assert len(found["profile"]["sources"]) == 3 and len(found["models"]) == MODELS
    llava = next(model for model in found["models"] if model["name"] == "Meta-LLaVA-13B-v1.5")
    assert (llava["score"], llava["answered"], llava["asked"]) == (0.8214, 11.5, 14)
    facts = {fact["fact"]: fact for fact in llava["facts"]}
    (claim,) = facts["number of parameters"]["claims"]
    line = (SEEDS / "002_meta-llava.txt").read_text("utf-8").split("\n")[claim["line"] - 1]
    assert line[claim["column"] - 1 :].startswith(claim["quote"]) and claim["path"] == "seeds/002_meta-llava.txt"
    assert facts["acceptable use"]["state"] == "not applicable" and facts["acceptable use"]["worth"] == 0
    (energy,) = facts["energy consumption"]["derived"]
    assert energy["unit"] == "kWh" and energy["formula"] and energy["assumptions"]
    assert llava["compute"]["whole"]["high"] is None and llava["compute"]["ownTraining"]["high"] == pytest.approx(4.22683e22)
    assert [(item["flop"], item["answer"], item["ownTraining"]) for item in llava["thresholds"]] == [
        (1e23, "cannot tell", "below"),
        (1e25, "cannot tell", "below"),
    ]
    unnamed = next(model for model in found["models"] if model["name"].startswith("unnamed"))
    assert unnamed["compute"]["whole"] is None
    (data,) = (fact for fact in unnamed["facts"] if fact["fact"] == "training data: provenance")
    assert [(item["value"], item["score"]) for item in data["suggestions"]] == [("RandAugment", 0.411)]


def test_json_of_one_model_and_of_groups(built: Path) -> None:
    one = json.loads(kg("gaps", "InstructBLIP-13B", "--json", cwd=built).stdout)
    assert [(model["name"], model["answered"], model["asked"]) for model in one["models"]] == [("InstructBLIP-13B", 15, 20)]
    assert "thresholds" not in one["models"][0]
    groups = json.loads(kg("gaps", "--by", "country", "--json", cwd=built).stdout)["groups"]
    assert [(group["value"], len(group["models"])) for group in groups] == [
        ("Japan", 1),
        ("Singapore", 1),
        ("United States", 2),
        ("(not stated)", 3),
    ]
    (states,) = (group for group in groups if group["value"] == "United States")
    assert states["score"] == round((15 + 16.5) / 2 / 20, 4)
    assert states["missing"][0] == {"fact": "license", "models": 2}


def test_the_catalogue_serves_for_grouping_and_is_marked(built: Path) -> None:
    ran = kg("gaps", "--by", "country", "-b", "more-out", cwd=built)
    assert ran.stdout.splitlines()[4].split()[:5] == ["France", "1", "1", "25", "%"]
    assert "by catalogue: no report states the country; the catalogue knows where the developer is based" in ran.stdout
    facts = json.loads(kg("gaps", "Kestrel-7B", "-b", "more-out", "--json", cwd=built).stdout)["models"][0]["facts"]
    assert next(fact["state"] for fact in facts if fact["fact"] == "country") == "not stated"


def test_what_could_not_be_read_is_not_counted(built: Path) -> None:
    ran = kg("gaps", "Merlin-3B", "--profile", "fmti-compute", "-b", "more-out", cwd=built)
    assert "unreadable                   development duration: time that building the model took" in ran.stdout
    assert ran.stdout.startswith("Merlin-3B: 0 % (0 of 2) of profile fmti-compute\n")


def test_a_profile_of_ones_own(built: Path) -> None:
    (built / "house.toml").write_text('title = "House"\n[[fact]]\nname = "water"\nany = []\n')
    ran = kg("gaps", "LLaVA-33B", "--profile", "house.toml", cwd=built)
    assert ran.stdout.startswith("LLaVA-33B: nothing is asked of profile house\n")
    assert kg("gaps", "--profile", "house.toml", cwd=built).stdout.splitlines()[-1].split() == [
        "unnamed",
        "model",
        "of",
        "003_unnamed-30b.txt",
        "-",
        "0",
        "0",
    ]
    rows = list(csv.DictReader(io.StringIO(kg("gaps", "--profile", "house.toml", "--format", "csv", cwd=built).stdout)))
    assert {row["score"] for row in rows} == {""}


def test_gaps_are_findings_of_the_build(built: Path) -> None:
    found = json.loads((built / "kg-out/findings.json").read_text("utf-8"))
    gaps = [item for item in found if item["code"].startswith("KG2")]
    of_model: dict[str, list[str]] = {}
    for item in gaps:
        of_model.setdefault(item["subject"], []).append(item["code"])
    assert len(of_model) == MODELS
    assert all(len(codes) == len(set(codes)) <= 5 for codes in of_model.values())
    assert any("cannot tell accelerator hours of pretraining: no accelerator count is stated" in item["message"] for item in gaps)


def test_reports_that_could_not_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kestrel-7B was released in 2024.\n")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    assert kg("build", "a.txt", "b.pdf", cwd=tmp_path).returncode == 3
    ran = kg("gaps", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "1 report could not be read: what stands there is not counted\n")
    assert "Kestrel-7B" in ran.stdout


def test_two_reports_of_one_model_are_one(tmp_path: Path) -> None:
    for name, text in {"a.txt": "Kestrel-7B was released in 2024.", "b.txt": "Kestrel 7B has 7 billion parameters."}.items():
        (tmp_path / name).write_text(text + "\n")
    assert kg("build", "a.txt", "b.txt", cwd=tmp_path).returncode in {0, 1}
    (model,) = json.loads(kg("gaps", "--json", cwd=tmp_path).stdout)["models"]
    states = {fact["fact"]: fact["state"] for fact in model["facts"]}
    assert (model["reports"], states["release year"], states["number of parameters"]) == (["a.txt", "b.txt"], "stated", "stated")
