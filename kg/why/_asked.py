"""FACT, as a person types it -> what is asked about: things, a relation, a stage.

A name may hold full stops itself (`Meta-LLaVA-13B-v1.5.pretraining.duration`): it is the longest beginning that is a known name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from kg.errors import UnknownName, UsageError
from kg.schema import Relation
from kg.sparql.statements import DOMAINS, SHORTCUTS, wide
from kg.sparql.things import iri_of
from kg.terms import KG
from kg.why._graph import Graph

_LISTED = 2000  # names that are compared with one that is unknown
_ADDRESSES = ("http://", "https://", "<http://", "<https://")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: a thing, what it is (`model`, `claim`, `dataset` ...), and of which relation and stage; None is all."""

    iri: str
    kind: str
    relation: Relation | None = None
    stage: str | None = None


def read_fact(graph: Graph, text: str, stage: str | None = None) -> Asked:
    """Return what a text asks about; raise UnknownName with near names, UsageError for what is unclear or no fact."""
    text = text.strip()
    if not text:
        raise UsageError("no fact is named", hint="kg why MODEL, kg why MODEL.duration, or an IRI")
    _check_stage(graph, stage)
    known: tuple[str, str] | None = None
    for look in (_exactly, _things):  # names as they are written first: other spellings are looked for among all names
        for head, rest in _splits(text):
            iris = look(graph, head)
            if not iris:
                continue
            parts = _relation_and_stage(graph, rest)
            if parts is not None:
                return _asked(graph, _one(head, iris), parts[0], _one_stage(parts[1], stage))
            known = known or (head, rest)
    if known:
        _refuse_rest(graph, *known)
    name = _without_relation(graph, text)
    raise UnknownName("model, thing or report", name, _near(graph, name))


def read_thing(graph: Graph, text: str) -> Asked:
    """Return what a text means that names a thing and no fact of it: an IRI, a name, a report, or a term of the ontology.

    Raise UnknownName with near names, UsageError when a name means several things.
    """
    text = text.strip()
    if not text:
        raise UsageError("no thing is named", hint="give an IRI, a name, or a report's id")
    iris = _things(graph, text) or _terms(graph, text)
    if not iris:
        raise UnknownName("model, thing or report", text, _near(graph, text))
    iri = _one(text, iris)
    return Asked(iri, kind_of(graph, iri))


def _terms(graph: Graph, text: str) -> list[str]:
    """Return the relation, class or stage of the ontology that a local name means."""
    schema = graph.schema
    if text in schema.stages:
        return [schema.stages[text]]
    return [f"{KG}{text}"] if text in schema.relations or text in schema.classes else []


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text and nothing, then its parts at each full stop, the longest beginning first."""
    yield text, ""
    for at in range(len(text) - 1, 0, -1):
        if text[at] == ".":
            yield text[:at], text[at + 1 :]


def _relation_and_stage(graph: Graph, rest: str) -> tuple[str | None, str | None] | None:
    """Return the relation and the stage that stand behind a name, None when there is something else."""
    parts = rest.split(".") if rest else []
    stage = parts.pop(0) if parts and parts[0] in graph.schema.stages else None
    relation = parts.pop(0).removeprefix("kg:") if parts else None
    return None if parts or not (relation is None or relation in graph.schema.relations) else (relation, stage)


def _check_stage(graph: Graph, stage: str | None) -> None:
    if stage is not None and stage not in graph.schema.stages:
        raise UnknownName("stage", stage, graph.schema.stages)


def _one_stage(said: str | None, flag: str | None) -> str | None:
    if said and flag and said != flag:
        raise UsageError(f"the fact is of {said}, and --stage is {flag}", hint="give one of them")
    return said or flag


def _one(head: str, iris: list[str]) -> str:
    if len(iris) > 1:
        raise UsageError(f"'{head}' is the name of {len(iris)} things", hint="give one of their IRIs: " + ", ".join(iris))
    return iris[0]


def _exactly(graph: Graph, head: str) -> list[str]:
    """Return the IRIs that a text means as it is written: an IRI, a prefixed name, a path below the base, a name."""
    written = f"{graph.base}{head[1:]}" if head.startswith(":") else iri_of(head, graph.base) or f"{graph.base}{head}"
    if ":" in written and graph.knows(written):
        return [written]
    return graph.called(head)


def _things(graph: Graph, head: str) -> list[str]:
    """Return the IRIs that a text means, a name in whatever spelling, or a report."""
    if (found := _exactly(graph, head)) or head.startswith(_ADDRESSES):  # nothing is called as an address
        return found
    return graph.called_alike(head) or _reports(graph, head)


def _reports(graph: Graph, head: str) -> list[str]:
    """Return the reports of an id, or whose id a path ends with."""
    if head in graph.reports:
        return [graph.reports[head]]
    return sorted(iri for id, iri in graph.reports.items() if f"/{id}".endswith(f"/{head}") or head.endswith(f"/{id}"))


def _asked(graph: Graph, iri: str, relation: str | None, stage: str | None) -> Asked:
    kind = kind_of(graph, iri)
    if kind in {"relation", "stage", "class"}:
        name = iri.removeprefix(KG)
        hint = f"kg why MODEL.{name}" if kind != "class" else "kg query models lists the models"
        raise UsageError(f"kg:{name} is a {kind} and no fact", hint=hint)
    found = graph.schema.relations[relation] if relation else None
    iri, kind = _model_of_report(graph, iri, kind, found, stage)
    if found:
        _check_domain(graph, iri, kind, found, stage)
    return Asked(iri, kind, found, stage)


def kind_of(graph: Graph, iri: str) -> str:
    """Return what an IRI stands for: `model`, `run`, `hardware`, `claim`, `derived`, `report`, `dataset` ..., or `relation`."""
    classes = graph.statements.classes(iri)
    kinds = {"Model": "model", "TrainingRun": "run", "HardwareConfig": "hardware", "Claim": "claim", "DerivedFact": "derived"}
    found = next((kind for name, kind in kinds.items() if name in classes), None)
    if found or not iri.startswith(KG):
        return found or next((name.lower() for name in sorted(classes) if name in graph.schema.classes), "thing")
    return "relation" if iri.removeprefix(KG) in graph.schema.relations else "stage" if "Stage" in classes else "class"


def _model_of_report(graph: Graph, iri: str, kind: str, relation: Relation | None, stage: str | None) -> tuple[str, str]:
    """Return the one model of a report when a fact of a model is asked of the report."""
    if kind != "report" or (relation is None and stage is None):
        return iri, kind
    models = graph.statements.subjects_of(f"{KG}describedIn", iri)
    if len(models) != 1:
        names = ", ".join(graph.statements.label(model) or model for model in models)
        hint = f"name one of its models: {names}" if models else "kg why REPORT tells what it says"
        raise UsageError(f"the report describes {len(models)} models", where=graph.statements.label(iri), hint=hint)
    return models[0], "model"


def _check_domain(graph: Graph, iri: str, kind: str, relation: Relation, stage: str | None) -> None:
    """Raise UsageError when a relation is not one of such a thing, or is told of a model and not of a stage."""
    label = graph.statements.label(iri) or iri
    told = relation.origin in {"report", "derived"} or relation.iri in SHORTCUTS
    if kind in {"model", "run", "hardware"}:
        fits = told and relation.domain in DOMAINS
    else:
        fits = relation.origin == "catalog" and relation.domain.lower() == kind
    if not fits:
        what = "is no fact of reports" if not told and relation.origin != "catalog" else f"is told of a {relation.domain}"
        raise UsageError(f"{relation.name} {what}, and {label} is a {kind}", hint=f"kg why '{label}' tells what there is")
    about_models = all(other.domain == "Model" for other in graph.schema.relations.values() if other.iri in wide(relation.iri))
    if stage and about_models and kind == "model":
        raise UsageError(f"{relation.name} is told of the model, not of a stage", hint=f"kg why '{label}.{relation.name}'")


def _refuse_rest(graph: Graph, head: str, rest: str) -> None:
    """Raise UnknownName for what stands behind a name and is neither a relation nor a stage."""
    stage, _, last = rest.partition(".")
    wrong = last if stage in graph.schema.stages and last else rest
    relations = (item.name for item in graph.schema.relations.values() if item.origin in {"report", "derived"})
    raise UnknownName(f"relation or stage of {head}", wrong, [*relations, *graph.schema.stages])


def _without_relation(graph: Graph, text: str) -> str:
    """Return a text without the relation and stage at its end: what somebody takes for a name."""
    parts = text.split(".")
    while len(parts) > 1 and (parts[-1] in graph.schema.relations or parts[-1] in graph.schema.stages):
        parts.pop()
    return ".".join(parts)


def _near(graph: Graph, name: str) -> Iterable[str]:
    """Return the names of things that somebody may have meant, else those of models that reports describe."""
    reports = graph.reports if len(graph.reports) <= _LISTED else ()
    models = {graph.statements.label(iri) or iri for iri in graph.statements.described()[:_LISTED]}
    names = sorted({*graph.near(name), *reports, *models})
    return get_close_matches(name, names, n=3, cutoff=0.5) or models
