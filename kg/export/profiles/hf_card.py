"""Models as cards of the Hugging Face Hub, a README.md each: YAML in front, then a section on training with the words of reports.

The Hub's own identifiers (`owner/name`) are written where reports use them, other names are not: a card that says `datasets: CC3M`
would point at what somebody else has put there. https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from kg.export._facts import Fact, facts
from kg.export._selection import Selection
from kg.export.profiles._licenses import hub, hub_name, spdx
from kg.export.profiles._profile import Asked, File, path_of
from kg.export.profiles._things import Thing, models, name_of

SEVERAL = True
PARAMETERS: dict[str, str] = {}
_OWN_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]*\w")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?")
_BUILDS_ON = ("extends", "languageModel", "imageEncoder")

_Entry = tuple[str, str | Sequence[str]]


def write(asked: Asked) -> Iterator[File]:
    """Yield a card for each model, in order of IRI."""
    for model in models(asked.selection):
        asked.missing.about("model")
        yield File(f"{path_of(model.iri, asked.selection.base)}/README.md", [_card(model, asked).encode("utf-8", "replace")])


def _card(model: Thing, asked: Asked) -> str:
    front = "".join(_yaml(key, value) for key, value in _front(model, asked) if value)
    own = Selection(asked.selection.store, asked.selection.base, model.iri)
    return f"---\n{front}---\n\n# {_plain(model.label)}\n{_section(list(facts(own)))}"


def _front(model: Thing, asked: Asked) -> Iterator[_Entry]:
    """Yield the keys of the front matter with what is stated of them, `tags` so that it is never empty."""
    languages = [tag for tag in model.texts("language") if _LANGUAGE.fullmatch(tag)]
    if len(languages) < len(model.texts("language")):
        asked.missing.lacks("model", "language", "the Hub wants a tag such as en, and the report has a name")
    yield "language", languages
    yield from _license(model, asked)
    yield "datasets", _ids(model.things("trainedOn"), "datasets", asked)
    yield "base_model", _ids([iri for relation in _BUILDS_ON for iri in model.things(relation)], "base_model", asked)
    yield "tags", ["kg"]
    yield "model_name", model.label


def _license(model: Thing, asked: Asked) -> Iterator[_Entry]:
    """Yield the license as the Hub wants it: one of its identifiers, or `other` with a name, and an address where SPDX has one."""
    names = model.texts("license")
    known = [identifier for name in names if (identifier := hub(name))]
    if len(names) == 1 and not known:
        yield "license", "other"
        yield "license_name", hub_name(names[0])
        yield "license_link", spdx(names[0]) or ""
    elif len(known) == len(names):
        yield "license", known[0] if len(known) == 1 else known
    else:
        asked.missing.lacks("model", "license", "several are stated, and the Hub does not know all of them")


def _ids(iris: Iterable[str], key: str, asked: Asked) -> list[str]:
    """Return the names of things that are identifiers of the Hub; that others are left out is told."""
    names = sorted({name_of(asked.selection.store, iri) for iri in iris})
    found = [name for name in names if _OWN_ID.fullmatch(name)]
    if len(found) < len(names):
        asked.missing.lacks("model", key, "the Hub wants its own identifiers, owner/name, and the reports use other names")
    return found


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
    about = "about " if fact.approximate else ""
    value = f"{about}{_value(fact)}{f' to {fact.value_max}' if fact.value_max else ''}{f' {fact.unit}' if fact.unit else ''}"
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact.relation).lower()
    return f"| {name} | {_plain(value)} | “{_plain(fact.mention)}” | {_plain(fact.report)} |\n"


def _value(fact: Fact) -> str:
    """Return a value as people write it: `21 days` for P21D, `13,000,000,000`."""
    if fact.relation == "duration" and (match := _DURATION.fullmatch(fact.value)) and any(match.groups()):
        parts = zip(match.groups(), ("day", "hour"), strict=True)
        return " ".join(f"{int(count):,} {unit}{'' if count == '1' else 's'}" for count, unit in parts if count)
    return f"{int(fact.value):,}" if fact.value.isdecimal() and fact.relation != "releaseYear" else fact.value


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
