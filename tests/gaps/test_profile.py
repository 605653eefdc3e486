"""Profiles: what is wrong with one is told with its line; those that come with kg are whole."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from kg.errors import ConfigError, UnknownName, UsageError
from kg.gaps import Asked, Profile, load_profile, profiles
from kg.gaps.profile import read_profile
from kg.schema import Schema

FACT = '[[fact]]\nname = "size"\nany = ["parameterCount"]\n'
HEAD = 'title = "T"\n'


def test_an_unknown_profile_is_answered_with_the_near_ones(schema: Schema) -> None:
    with pytest.raises(UnknownName, match="no profile is named 'eu-gpia'\n  hint: did you mean eu-gpai"):
        load_profile("eu-gpia", schema)
    with pytest.raises(UnknownName, match="choose one of: basic, eu-gpai, fmti-compute"):
        load_profile("zzz", schema)


def test_a_profile_that_is_no_file(schema: Schema, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"mine\.toml: the profile cannot be read: No such file.*\n  hint: give a TOML file, or one of: basic"
    ):
        load_profile(str(tmp_path / "mine.toml"), schema)
    with pytest.raises(UsageError, match="Is a directory"):
        load_profile(f"{tmp_path}/", schema)
    (tmp_path / "mine.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(ConfigError, match="this is not UTF-8 text"):
        load_profile(str(tmp_path / "mine.toml"), schema)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("title =", 1, "this is not TOML"),
        ('title = "T"\n\n[[fact]\n', 3, "this is not TOML"),
        ('title = "T', 1, "this is not TOML"),
        ("title = [1,\n2,\n", 3, "this is not TOML"),
        (FACT, 1, "a profile needs a text as title"),
        (f"title = 3\n{FACT}", 1, "a profile needs a text as title"),
        (f'# one\ntitle = " "\n{FACT}', 2, "a profile needs a text as title"),
        (HEAD, 1, "a profile has to ask for something"),
        (f'{HEAD}titel = "x"\n{FACT}', 2, "no key of a profile is named 'titel'\n  hint: did you mean title"),
        (f'{HEAD}fact = "size"\n', 2, "fact must be a list of tables"),
        (f"{HEAD}fact = [1]\n", 2, "fact must be a list of tables"),
        (f'{HEAD}[[fact]]\nany = ["steps"]\n', 2, "fact needs a text as name"),
        (f'{HEAD}[[fact]]\nname = "a"\n', 2, "a fact needs either any or all"),
        (f'{HEAD}[[fact]]\nname = "a"\nany = []\nall = []\n', 5, "a fact needs either any or all"),
        (f'{HEAD}{FACT}{FACT}', 6, "'size' is asked for twice"),
        (f'{HEAD}{FACT}wieght = 2\n', 5, "no key of fact is named 'wieght'\n  hint: did you mean weight"),
        (f'{HEAD}{FACT}weight = -1\n', 5, "weight must be a number, 0 or more"),
        (f'{HEAD}{FACT}weight = true\n', 5, "weight must be a number, 0 or more"),
        (f'{HEAD}{FACT}weight = "2"\n', 5, "weight must be a number, 0 or more"),
        (f'{HEAD}{FACT}derived-counts = 2\n', 5, "derived-counts must be a number, from 0 to 1"),
        (f'{HEAD}{FACT}note = ["x"]\n', 5, "fact needs a text as note"),
        (f'{HEAD}{FACT}[[fact]]\nname = "a"\nany = [\n  "steps", # stpes\n  "stpes",\n]\n', 9, "did you mean steps"),
        (f'{HEAD}[[fact]]\nname = "a"\nany = "steps"\n', 4, "any must be a list of relations"),
        (f"{HEAD}{FACT}weight = nan\n", 5, "weight must be a number, 0 or more"),
        (f"{HEAD}{FACT}weight = inf\n", 5, "weight must be a number, 0 or more"),
        (f'{HEAD}[[fact]]\nname = "a"\nany = ["trainedOn"]\n', 4, "no relation of reports is named 'trainedOn'"),
        (f'{HEAD}[[fact]]\nname = "a"\nany = ["memory"]\n', 4, "no relation of reports is named 'memory'"),
        (f'{HEAD}{FACT}if = ["imageEncodr"]\n', 5, "did you mean imageEncoder"),
        (f'{HEAD}{FACT}derived = ["duration"]\n', 5, "no derived relation is named 'duration'"),
        (f'{HEAD}{FACT}derived = "x"\n', 5, "derived must be a list of relations"),
        (f'{HEAD}[[fact]]\nname = "a"\nall = ["steps"]\nderived = ["runCompute"]\n', 5, "derived has to say which relation"),
        (f'{HEAD}[[fact]]\nname = "a"\nall = ["steps"]\nderived = {{ epochs = [] }}\n', 5, "no relation in all is named 'epochs'"),
        (f'{HEAD}[[source]]\ndate = "x"\n{FACT}', 2, "source needs a text as title"),
        (f'{HEAD}[[source]]\ntitle = "x"\ndate = 2024-07-12\n{FACT}', 4, "source needs a text as date"),
        (f'{HEAD}[[threshold]]\nname = "x"\n{FACT}', 2, "a threshold needs an amount of compute above 0"),
        (f'{HEAD}[[threshold]]\nname = "x"\nflop = 0.0\n{FACT}', 4, "a threshold needs an amount of compute above 0"),
        (f'{HEAD}[[threshold]]\nname = "x"\nflop = "1e25"\n{FACT}', 4, "flop must be a number, 0 or more"),
        (f'{HEAD}fact = [{{ name = "a", any = ["stpes"] }}]\n', 2, "no relation of reports is named 'stpes'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, message: str, schema: Schema) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)) as error:
        read_profile("mine", text, "mine.toml", schema)
    assert error.value.where == f"mine.toml:{line}"


def test_everything_that_a_profile_can_say(schema: Schema, tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(
        'title = "House rules"\nwarning = "mind the gap"\n'
        '[[source]]\ntitle = "us"\naddress = "https://example.org/"\ndate = "2026"\ntaken = """all\nof it"""\n'
        'left-out = "the rest"\n'
        '[[fact]]\nname = "hardware"\npoint = "3.1"\nnote = "n"\nall = ["accelerator", "acceleratorCount"]\n'
        'derived = { acceleratorCount = ["impliedAcceleratorCount"] }\nderived-counts = 0.25\nweight = 2\nif = ["duration"]\n'
        '[[fact]]\nname = "compute"\nany = ["trainingCompute"]\nderived = ["runCompute"]\n'
        '[[fact]]\nname = "water"\nany = []\n'
        '[[threshold]]\nname = "much"\npoint = "4"\nflop = 1e23\n',
        encoding="utf-8",
    )
    found = load_profile(str(path), schema)
    assert (found.name, found.title, found.warning) == ("house", "House rules", "mind the gap")
    (source,) = found.sources
    assert (source.address, source.date, source.taken, source.left_out) == ("https://example.org/", "2026", "all of it", "the rest")
    hardware, compute, water = found.facts
    assert hardware.every and hardware.only_if == ("duration",)
    assert [hardware.weight, hardware.derived_counts] == [2, Fraction(1, 4)]
    assert dict(hardware.stand_ins) == {"acceleratorCount": ("impliedAcceleratorCount",)}
    assert (hardware.point, hardware.note) == ("3.1", "n")
    assert (dict(compute.stand_ins), compute.derived_counts) == ({"": ("runCompute",)}, Fraction(1, 2))
    assert (water.relations, dict(water.stand_ins)) == ((), {})
    assert found.thresholds[0].flop == 10**23


def of(profile: Profile, name: str) -> Asked:
    return next(fact for fact in profile.facts if name in fact.name)


@pytest.mark.parametrize("name", profiles())
def test_profiles_of_kg_name_their_sources(name: str, schema: Schema) -> None:
    profile = load_profile(name, schema)
    assert profile.sources
    assert all(source.title and source.taken and source.left_out for source in profile.sources)
    assert name == "basic" or all(source.address.startswith("http") and source.date for source in profile.sources)
    assert name == "basic" or all(fact.point for fact in profile.facts)
    assert sum(fact.weight for fact in profile.facts if fact.relations) > 0


def test_what_kg_has_no_relation_for_is_asked_all_the_same(schema: Schema) -> None:
    index, union = load_profile("fmti-compute", schema), load_profile("eu-gpai", schema)
    assert [of(index, name).relations for name in ("owner", "carbon", "environmental")] == [(), (), ()]
    assert len(index.facts) == 7
    assert of(union, "acceptable use").relations == of(union, "energy").relations == ()
    assert of(index, "hardware:").every
    assert [threshold.flop for threshold in union.thresholds] == [10**23, 10**25]
    assert "no legal advice" in union.warning
