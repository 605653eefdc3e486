"""Files of decisions that cannot be used: what is wrong, in which line, what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.decisions import hash_of, parsed, read_decisions
from kg.errors import ConfigError
from kg.schema import Schema

GOOD = """\
[[decision]]
do = "reject"
report = "a.txt"
model = "Kestrel-7B"
relation = "acceleratorCount"
value = "128"
mention = "128"
quote = "We used 128 GPUs."
"""
SAME = '[[decision]]\ndo = "same"\nkind = "dataset"\nnames = ["CC3M", "Conceptual Captions"]\n'


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new)


BAD = {
    "no TOML": ("[[decision]]\ndo = reject\n", "2: this is not TOML: .*\n  hint: see https://toml.io"),
    "a text without end": ('[[decision]]\ndo = "reject\n', "2: this is not TOML"),
    "an open bracket at the end": ("[[decision]]\nnames = [", "2: this is not TOML"),
    "something else": ('title = "x"\n', "'title' is no part of a file of decisions\n  hint: each decision begins with"),
    "one bracket": ('[decision]\ndo = "reject"\n', r"decision must be written as \[\[decision\]\]"),
    "no table": ("decision = [1]\n", r"decision must be written as \[\[decision\]\]"),
    "nothing decided": ('[[decision]]\nreport = "a.txt"\n', "1: what is decided is not said"),
    "an unknown word": (changed('"reject"', '"rejct"'), "1: 'rejct' is no decision\n.*did you mean reject"),
    "a word of the wrong kind": (changed('"reject"', "1"), "1: '1' is no decision"),
    "an unknown key": (changed("mention", "mentoin"), "1: 'mentoin' is no part of the decision 'reject'\n.*did you mean mention"),
    "a key of another decision": (GOOD + 'to = { value = "1" }\n', "'to' is no part of the decision 'reject'"),
    "an unlike key": (GOOD + "zzz = 1\n", "'zzz' is no part of .*\n  hint: it takes after, approximate"),
    "a number for a text": (changed('"128"\nm', "128\nm"), "1: value must be a text between quotes, not 128"),
    "a text for a number": (GOOD + 'times = "2"\n', "times must be a whole number, not '2'"),
    "truth for a number": (GOOD + "times = true\n", "times must be a whole number, not True"),
    "a number for truth": (GOOD + "approximate = 1\n", "approximate must be true or false, not 1"),
    "no report": (changed('report = "a.txt"\n', ""), "1: the decision 'reject' has no report\n  hint: add the line report"),
    "an empty value": (changed('value = "128"', 'value = ""'), "the decision 'reject' has no value"),
    "no quote": (changed('quote = "We used 128 GPUs."\n', ""), "the decision 'reject' has no quote"),
    "a blank quote": (changed("We used 128 GPUs.", " "), "the quote holds no words"),
    "an unknown relation": (
        changed("acceleratorCount", "acceleratorcount"),
        "no relation is named .*did you mean acceleratorCount",
    ),
    "a relation of the structure": (changed("acceleratorCount", "hasRun"), "no relation is named 'hasRun'"),
    "an unknown stage": (GOOD + 'stage = "pretrainin"\n', "no stage is named 'pretrainin'\n.*did you mean pretraining"),
    "a mention elsewhere": (changed('mention = "128"', 'mention = "64"'), "the mention '64' does not stand in the quote\n"),
    "a mention too often": (GOOD + "occurrence = 2\n", "the mention '128' does not stand in the quote 2 times"),
    "no first mention": (GOOD + "occurrence = 0\n", "occurrence and times count from 1"),
    "a mention that is not told": (changed("We used 128", "128 nodes: 128"), "stands in the quote several times\n.*occurrence = 1"),
    "a changed quote": (
        GOOD + f'hash = "{hash_of("We used 64 GPUs.")}"\n',
        "its hash is another\n  hint: undo the change of the quote",
    ),
    "a correction of nothing": (changed("reject", "correct"), "the correction changes nothing"),
    "the same again": (changed("reject", "correct") + 'to = { value = "128" }\n', "the correction changes nothing"),
    "a correction that is no table": (changed("reject", "correct") + 'to = "64"\n', "to must be a table, not '64'"),
    "a correction of the quote": (changed("reject", "correct") + 'to = { quote = "x" }\n', "cannot change 'quote' to 'x'"),
    "a correction to a number": (changed("reject", "correct") + "to = { value = 64 }\n", "cannot change 'value' to 64"),
    "a wrong new value": (
        changed("reject", "correct") + 'to = { value = "many" }\n',
        "'many' is no value of acceleratorCount\n.*whole number",
    ),
    "an empty new value": (changed("reject", "correct") + 'to = { value = "" }\n', "the value of acceleratorCount is empty"),
    "a wrong added value": (changed("reject", "add").replace('value = "128"', 'value = "128 GPUs"'), "'128 GPUs' is no value of"),
    "an added name of signs": (
        changed("reject", "add").replace('"acceleratorCount"\nvalue = "128"', '"software"\nvalue = "--"'),
        "'--' is no name\n  hint: a name needs a letter",
    ),
    "an added word outside of a list": (
        changed("reject", "add").replace('"acceleratorCount"\nvalue = "128"', '"precision"\nvalue = "bf16"'),
        "'bf16' is no precision\n  hint: did you mean",
    ),
    "a stage of the model": (
        changed("reject", "add").replace('"acceleratorCount"', '"parameterCount"\nstage = "pretraining"'),
        "parameterCount is of the whole model, it has no stage",
    ),
    "no kind": (changed('kind = "dataset"\n', "", SAME), "the decision 'same' has no kind"),
    "an unknown kind": (
        changed('"dataset"', '"data"', SAME),
        "no kind of thing is named 'data'\n  hint: choose one of: accelerator",
    ),
    "one name": (changed(', "Conceptual Captions"', "", SAME), "names must be two names that differ"),
    "three names": (changed('s"]', 's", "X"]', SAME), "names must be two names that differ"),
    "a name twice": (changed("Conceptual Captions", " CC3M", SAME), "names must be two names that differ"),
    "names that are numbers": (changed('"CC3M"', "3", SAME), "names must be two names that differ"),
    "the same twice": (f"{GOOD}\n{GOOD}", r"10: the decisions in lines 1 \('reject'\) and 10 \('reject'\) say the same\n.*undo"),
    "yes and no": (
        f"{GOOD}\n# a remark\n{changed('reject', 'accept')}",
        r"11: the decisions in lines 1 \('reject'\) and 11 \('accept'\) contradict each other",
    ),
    "corrected and rejected": (
        GOOD + "\n" + changed("reject", "correct") + 'to = { value = "64" }\n',
        r"10: the decisions in lines 1 \('reject'\) and 10 \('correct'\) say the same",
    ),
    "corrected to what is rejected": (
        changed("reject", "correct").replace('"128"\nm', '"64"\nm') + 'to = { value = "128" }\n' + GOOD,
        r"lines 1 \('correct'\) and 10 \('reject'\) contradict each other",
    ),
    "two names twice": (SAME + changed('"CC3M", "Conceptual Captions"', '"Conceptual Captions", "CC3M"', SAME), "say the same"),
    "same and different": (SAME + changed('"same"', '"different"', SAME), r"lines 1 \('same'\) and 5 \('different'\) contradict"),
    "same through a third": (
        SAME
        + changed("CC3M", "CC-3M-595K", SAME)
        + changed('"same"', '"different"', changed("Conceptual Captions", "CC-3M-595K", SAME)),
        r"lines 1 \('same'\) and 9 \('different'\) contradict each other",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_with_its_line(case: str, schema: Schema) -> None:
    text, message = BAD[case]
    with pytest.raises(ConfigError, match=re.compile(message, re.DOTALL)) as told:
        parsed(text, Path("kg-decisions.toml"), schema)
    assert str(told.value).startswith("kg-decisions.toml")
    assert told.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe[", "the file is not UTF-8\n  hint: save it as UTF-8"), (None, "cannot be read: No such file")],
)
def test_a_file_that_cannot_be_read(content: bytes | None, message: str, schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "kg-decisions.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_decisions(file, schema)


def test_a_folder_is_no_file_of_decisions(schema: Schema, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the decisions cannot be read: Is a directory"):
        read_decisions(tmp_path, schema)


def test_a_header_in_a_text_begins_no_decision(schema: Schema) -> None:
    note = "note = '''\n[[decision]]\n'''\n"
    found = parsed(f"{GOOD}{note}\n{changed('128', '64')}", Path("x.toml"), schema)
    assert [decision.line for decision in found.every] == [1, 13]


def test_decisions_written_in_another_way_have_no_lines(schema: Schema) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml:1: 'yes' is no decision"):
        parsed('decision = [\n { do = "yes" },\n]\n', Path("x.toml"), schema)


@pytest.mark.parametrize(
    ("relation", "value", "right"),
    [
        ("acceleratorCount", "64", True),
        ("acceleratorCount", "6.4e1", False),
        ("acceleratorCount", "1_000", False),
        ("acceleratorCount", "٦٤", False),
        ("acceleratorCount", "64.5", False),
        ("peakLearningRate", "1e-4", True),
        ("peakLearningRate", "1e-9999", False),
        ("peakLearningRate", "0.05 ", True),
        ("trainingCompute", "1.2e24", True),
        ("trainingCompute", "inf", False),
        ("duration", "P21D", True),
        ("duration", "PT36H", True),
        ("duration", "3 weeks", False),
        ("duration", "P3W", False),
        ("releaseYear", "2023", True),
        ("releaseYear", "23", False),
        ("license", "whatever it says", True),
        ("learningRateSchedule", "cosine", True),
        ("trainingDataset", "Our Data", True),
    ],
)
def test_forms_of_values(relation: str, value: str, right: bool, schema: Schema) -> None:
    text = changed("reject", "add").replace('"acceleratorCount"\nvalue = "128"', f'"{relation}"\nvalue = "{value}"')
    if right:
        assert parsed(text, Path("x"), schema).of_claims[0].said.relation == relation
    else:
        with pytest.raises(ConfigError, match=f"is no value of {relation}"):
            parsed(text, Path("x"), schema)
