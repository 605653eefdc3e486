"""Models as cards of the Hugging Face Hub, a README.md each: YAML in front, then a section on training with the words of reports.

The Hub's own identifiers (`owner/name`) are written where reports give them as such, in front matter, in code or in an address;
other names are not: a card that says `datasets: CC3M` would point at what somebody else has put there, and `ViT-g/14` is no
identifier for all its slash. https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from kg.export._facts import Fact, facts
from kg.export._selection import Selection
from kg.export.profiles._licenses import hub, hub_name, spdx
from kg.export.profiles._profile import Asked, File, path_of
from kg.export.profiles._shown import shown
from kg.export.profiles._things import Thing, models
from kg.schema import load_schema

SEVERAL = True
PARAMETERS: dict[str, str] = {}
_OWN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z][A-Za-z0-9._-]+")  # no repository is called 14, as in ViT-g/14
_AROUND = re.compile(r"[A-Za-z0-9._/:-]")
_HUB = re.compile(r"https?://(?:huggingface\.co|hf\.co)/(?:datasets/)?")
_ENTRY = re.compile(r"\s*(?:-\s+|[a-z_]+:\s+)?(?:\[[^\[\]]*|[\"']?)")  # of YAML, up to one of its values
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~@]|&(?=#?\w)|:(?=//))")  # the last two would begin an entity, an address
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BUILDS_ON = ("extends", "languageModel", "imageEncoder")

_Entry = tuple[str, str | Sequence[str]]


def write(asked: Asked) -> Iterator[File]:
    """Yield a card for each model, in order of IRI."""
    for model in models(asked.selection):
        asked.missing.about("model")
        yield File(f"{path_of(model.iri, asked.selection.base)}/README.md", [_card(model, asked).encode("utf-8", "replace")])


def _card(model: Thing, asked: Asked) -> str:
    said = list(facts(Selection(asked.selection.store, asked.selection.base, model.iri)))
    front = "".join(_yaml(key, value) for key, value in _front(model, said, asked) if value)
    return f"---\n{front}---\n\n# {_plain(model.label)}\n{_section(said)}"


def _front(model: Thing, said: Sequence[Fact], asked: Asked) -> Iterator[_Entry]:
    """Yield the keys of the front matter with what is stated of them, `tags` so that it is never empty."""
    languages = [tag for tag in model.texts("language") if _LANGUAGE.fullmatch(tag)]
    if len(languages) < len(model.texts("language")):
        asked.missing.lacks("model", "language", "the Hub wants a tag such as en, and the report has a name")
    yield "language", languages
    yield from _license(model, asked)
    yield "datasets", _ids(model.things("trainedOn"), said, "datasets", asked)
    yield "base_model", _ids([iri for relation in _BUILDS_ON for iri in model.things(relation)], said, "base_model", asked)
    yield "tags", ["kg"]
    yield "model_name", model.label


def _license(model: Thing, asked: Asked) -> Iterator[_Entry]:
    """Yield the license as the Hub wants it: one of its identifiers, or `other` with a name, and an address where SPDX has one."""
    names = model.texts("license")
    known = {hub(name) for name in names}
    if len(names) == 1 and known == {None}:
        yield "license", "other"
        yield "license_name", hub_name(names[0])
        yield "license_link", spdx(names[0]) or ""
    elif len(known) == 1 and None not in known:
        yield from (("license", identifier) for identifier in known if identifier)
    elif names:
        asked.missing.lacks("model", "license", "it may have one value, and reports state different ones")


def _ids(iris: Iterable[str], said: Iterable[Fact], key: str, asked: Asked) -> list[str]:
    """Return the Hub's identifiers of things, as the reports give them; that there is none of others is told."""
    known = load_schema(asked.selection.base).thing
    found = {iri: set[str]() for iri in iris}
    for fact in said:
        identifier = hub_id(fact.source, fact.start, fact.end) if fact.thing in found else None
        if fact.thing and identifier and not (identifier == fact.value and known(fact.thing)):  # ETH/UCY is a data set's name
            found[fact.thing].add(identifier)
    if not all(found.values()):
        asked.missing.lacks("model", key, "the Hub wants its own identifiers, owner/name, and the reports use other names")
    return sorted(set().union(*found.values()))


def hub_id(source: str, start: int, end: int) -> str | None:
    """Return the identifier of the Hub whose name some words of a report are or end, None when they do not.

    It stands in an address of the Hub, in backticks or quotes, or alone as the value of an entry of YAML.

    >>> hub_id("trained on `allenai/c4`.", 20, 22), hub_id("EVA-CLIP, `ViT-g/14`", 11, 19), hub_id("with CC3M/CC12M.", 10, 15)
    ('allenai/c4', None, None)
    >>> hub_id("- https://huggingface.co/datasets/allenai/c4", 42, 44), hub_id("base_model: lab/kite-7b", 12, 23)
    ('allenai/c4', 'lab/kite-7b')
    """
    while start and _AROUND.match(source[start - 1]):
        start -= 1
    while end < len(source) and _AROUND.match(source[end]):
        end += 1
    text = source[start:end].rstrip(".:-")
    if address := _HUB.match(text):
        text = text[address.end() :]
    elif not _is_quoted(source, start, end) and not _is_entry(source, start, end):
        return None
    return text if _OWN_ID.fullmatch(text) else None


def _is_quoted(source: str, start: int, end: int) -> bool:
    mark = source[start - 1 : start]
    return mark in {"`", '"', "'"} and source.startswith(mark, end)


def _is_entry(source: str, start: int, end: int) -> bool:
    """Decide whether words are all that an entry of YAML has, or one of the items of its list."""
    line, rest = source[source.rfind("\n", 0, start) + 1 : start], source[end:].partition("\n")[0]
    before = _ENTRY.fullmatch(line)
    return before is not None and bool(before[0].strip()) and (rest.strip() in {"", '"', "'"} or "[" in line)


def _section(said: Sequence[Fact]) -> str:
    """Return what reports state, a table for the model and one for each stage of training, with the words that state it."""
    if not said:
        return "\nNo report of this build says more of it.\n"
    tables: dict[str, list[str]] = {}
    for fact in sorted(said, key=lambda fact: (fact.stage or "", fact.relation, fact.report, fact.start, fact.value)):
        tables.setdefault(f"Training: {fact.stage}" if fact.stage else "What reports state", []).append(_row(fact))
    head = "| | value | words | report |\n| --- | --- | --- | --- |\n"
    return "".join(f"\n## {title}\n\n{head}{''.join(dict.fromkeys(rows))}" for title, rows in tables.items())


def _row(fact: Fact) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact.relation).lower()
    return f"| {name} | {_plain(shown(fact))} | “{_plain(fact.mention)}” | {_plain(fact.report)} |\n"


def _plain(text: str) -> str:
    """Return text in one line of Markdown that shows it as it is."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _yaml(key: str, value: str | Sequence[str]) -> str:
    """Return an entry of YAML; texts stand in double quotes, as JSON writes them, which YAML 1.2 reads alike."""
    if isinstance(value, str):
        return f"{key}: {_text(value)}\n"
    return f"{key}:\n" + "".join(f"- {_text(one)}\n" for one in value)


def _text(text: str) -> str:
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
