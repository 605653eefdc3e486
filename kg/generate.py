"""ontology/kg.ttl -> what follows from it: ontology/context.jsonld, shapes/core.ttl and the tables of README.md and docs/.

`python -m kg.generate` writes them, `--check` names those that are stale. JSON-LD 1.1; SHACL Core, with no blank node but the lists
of `sh:in`. A table stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from kg.codes import codes
from kg.errors import ConfigError, KgError, UnknownName
from kg.export.tables.columns import LABEL, SHOWN, Column, tables_of
from kg.ingest import described
from kg.schema import Relation, Schema, load_schema, ontology_dir, shapes_dir
from kg.sparql.named import parse as parse_query

CODES = {
    "datatype": ("KG101", "sh:Violation"),
    "class": ("KG102", "sh:Violation"),
    "maxCount": ("KG103", "sh:Warning"),
    "in": ("KG104", "sh:Violation"),
}
"""Constraint component -> the code and severity of its findings."""

_ACROSS = frozenset({"DerivedFact", "Summary", "Word"})
"""Classes whose things name things of other graphs, which may not be there to be judged."""

_PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "kg": "https://w3id.org/kg/ontology#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_BORROWED: dict[str, object] = {
    "label": "rdfs:label",
    "altLabel": {"@id": "skos:altLabel", "@container": "@set"},
    "title": "dcterms:title",
    "issued": {"@id": "dcterms:issued", "@type": "xsd:date"},
    "subject": {"@id": "rdf:subject", "@type": "@id"},
    "predicate": {"@id": "rdf:predicate", "@type": "@vocab"},
    "object": "rdf:object",
    "start": {"@id": "oa:start", "@type": "xsd:integer"},
    "end": {"@id": "oa:end", "@type": "xsd:integer"},
}
_MARKED = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<end><!-- end -->|\Z)", re.DOTALL)


# context.jsonld -----------------------------------------------------------------------------------------------------------------


def context(schema: Schema) -> str:
    """Return the JSON-LD 1.1 context, one term a line."""
    groups: list[dict[str, object]] = [
        {"@version": 1.1, "id": "@id", "type": "@type"},
        dict(_PREFIXES),
        {name: f"kg:{name}" for name in schema.classes},
        {notation: "kg:" + iri.rpartition("#")[2] for notation, iri in schema.stages.items()},
        {name: _term(relation) for name, relation in schema.relations.items()},
        _BORROWED,
    ]
    lines = [",\n".join(f"    {json.dumps(term)}: {json.dumps(value)}" for term, value in group.items()) for group in groups]
    return '{\n  "@context": {\n' + ",\n\n".join(lines) + "\n  }\n}\n"


def _term(relation: Relation) -> object:
    term: dict[str, object] = {"@id": f"kg:{relation.name}"}
    if relation.range == "Stage":
        term["@type"] = "@vocab"
    elif ":" not in relation.range or relation.range == "rdfs:Resource":
        term["@type"] = "@id"
    elif relation.range.startswith("xsd:") and relation.range != "xsd:string":  # plain JSON strings are xsd:string without coercion
        term["@type"] = relation.range
    if not relation.functional:
        term["@container"] = "@set"
    return term if len(term) > 1 else term["@id"]


# core.ttl -----------------------------------------------------------------------------------------------------------------------

_SHAPES_HEAD = """\
# What follows from ontology/kg.ttl alone: datatype or class, at most one value, closed lists. Written by python -m kg.generate.
# Each property shape holds one constraint, because a finding takes its code from the shape.

@prefix kg: <https://w3id.org/kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/kg/shapes#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def shapes(schema: Schema) -> str:
    """Return the core shapes as Turtle: a node shape a class, a property shape a constraint."""
    parts = [_SHAPES_HEAD]
    for name in schema.classes:
        relations = [relation for relation in schema.relations.values() if relation.domain == name]
        constraints = [(relation, *constraint) for relation in relations for constraint in _constraints(relation)]
        if not constraints:
            continue
        members = ",\n        ".join(f"shape:{relation.name}-{kind}" for relation, kind, _, _ in constraints)
        parts.append(f"shape:{name} a sh:NodeShape ;\n    sh:targetClass kg:{name} ;\n    sh:property\n        {members} .\n")
        parts.extend(_property_shape(*constraint) for constraint in constraints)
    return "\n".join(parts)


def _constraints(relation: Relation) -> Iterator[tuple[str, str, str]]:
    """Yield (constraint component, its value in Turtle, message)."""
    label = relation.label
    if relation.range.startswith("xsd:"):
        yield "datatype", relation.range, f"{label} must be an {relation.range}"
    elif ":" not in relation.range and not relation.values and relation.domain not in _ACROSS:
        yield "class", f"kg:{relation.range}", f"{label} must name a thing of the class {relation.range}"
    if relation.functional:
        yield "maxCount", "1", f"{label} has more than one value"
    if relation.values:
        names = [value.rpartition("#")[2] for value in relation.values]
        terms = [json.dumps(name) if relation.range.startswith("xsd:") else f"kg:{name}" for name in names]
        yield "in", f"( {' '.join(terms)} )", f"{label} must be one of {', '.join(names)}"


def _property_shape(relation: Relation, kind: str, value: str, message: str) -> str:
    code, severity = CODES[kind]
    return (
        f"shape:{relation.name}-{kind} a sh:PropertyShape ;\n"
        f'    kg:code "{code}" ;\n'
        f"    sh:path kg:{relation.name} ;\n"
        f"    sh:{kind} {value} ;\n"
        f"    sh:severity {severity} ;\n"
        f'    sh:message "{message}" .\n'
    )


# Tables -------------------------------------------------------------------------------------------------------------------------


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _relation_table(schema: Schema, origin: str) -> str:
    relations = [relation for relation in schema.relations.values() if relation.origin == origin]
    rows = [(f"`{relation.name}`", relation.domain, _value(relation), relation.example) for relation in relations]
    return _table(("relation", "of", "value", "example"), rows)


def _value(relation: Relation) -> str:
    if relation.values and relation.range.startswith("xsd:"):
        return " ".join(f"`{value}`" for value in relation.values)
    return relation.range.rpartition(":")[2]


def _query_table(root: Path) -> str:
    rows = []
    for path in sorted((root / "kg" / "queries").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        titles = re.findall(r"^#\s*title:\s*(.+?)\s*$", text, re.MULTILINE)
        if len(titles) != 1:
            raise ConfigError(f"{len(titles)} lines '# title: …', it needs one", where=str(path))
        parameters = parse_query(path.stem, text).parameters
        rows.append((f"`{path.stem}`", titles[0], "; ".join(f"`{p.name}`: {p.definition}" for p in parameters)))
    return _table(("query", "answers", "parameters"), rows)


def _code_table() -> str:
    rows = [(f"[{code.code}](kg/rules/{code.code}.md)", code.severity, code.title) for code in codes()]
    return _table(("code", "severity", "finding"), rows)


def _format_table() -> str:
    rows = []
    for name, suffixes, many, said in described():
        files = " ".join(f"`{suffix}`" for suffix in suffixes) or "by its content"
        rows.append((f"`{name}`", files, "many" if many else "one", said))
    return _table(("format", "files", "reports in a file", "what it is"), rows)


def _column_table(columns: Iterable[Column]) -> str:
    """Return what each column of an exported table holds."""
    rows = []
    for column in columns:
        unit = f" ({column.unit})" if column.unit else ""
        refers = f"; refers to `{column.refers}`" if column.refers else ""
        rows.append((f"`{column.name}`", SHOWN[column.kind], "yes" if column.nullable else "no", column.definition + unit + refers))
    return _table(("column", "type", "null", "what it holds"), rows)


def tables(schema: Schema, root: Path) -> dict[str, Callable[[], str]]:
    """Return the makers of the tables that a page can ask for, by name."""
    return {
        "relations": lambda: _relation_table(schema, "report"),
        "structure": lambda: _relation_table(schema, "structure"),
        "catalog": lambda: _relation_table(schema, "catalog"),
        "derived": lambda: _relation_table(schema, "derived"),
        "queries": lambda: _query_table(root),
        "codes": _code_table,
        "formats": _format_table,
        "labels": lambda: _column_table(LABEL),
        **{f"table-{name}": partial(_column_table, table.columns) for name, table in tables_of(schema).items()},
    }


def fill(page: str, makers: dict[str, Callable[[], str]], where: str) -> str:
    """Return a page with every marked table replaced; raise UnknownName, or ConfigError for a table without end."""

    def replacement(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in makers:
            raise UnknownName("table", name, makers)
        if not match["end"] or "<!-- generated: " in match["body"]:
            raise ConfigError(f"the table '{name}' has no <!-- end -->", where=where)
        return f"{match[1]}{makers[name]()}{match['end']}"

    return _MARKED.sub(replacement, page)


# Command ------------------------------------------------------------------------------------------------------------------------


def generated(schema: Schema, ontology: Path, shape_dir: Path) -> dict[Path, str]:
    """Return every generated file with the text it must have; pages are those beside the ontology's folder."""
    root = ontology.parent
    makers = tables(schema, root)
    pages = [page for page in (root / "README.md", *sorted((root / "docs").glob("*.md"))) if page.exists()]
    return {
        ontology / "context.jsonld": context(schema),
        shape_dir / "core.ttl": shapes(schema),
        **{page: fill(page.read_text(encoding="utf-8"), makers, str(page)) for page in pages},
    }


def stale(files: dict[Path, str]) -> dict[Path, str]:
    """Return those files whose text on disk is another, each with a unified diff."""
    found = {}
    for path, text in files.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old != text:
            diff = difflib.unified_diff(old.splitlines(True), text.splitlines(True), str(path), f"{path} (generated)")
            found[path] = "".join(diff)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 1 when `--check` finds a stale file, 2 when an input cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m kg.generate", description="Write what follows from ontology/kg.ttl.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and show a diff when a file is stale")
    check = parser.parse_args(arguments).check
    try:
        files = generated(load_schema(), ontology_dir(), shapes_dir())
        changed = stale(files)
    except KgError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    for path, diff in changed.items():
        if check:
            sys.stderr.write(f"{path} is stale: run python -m kg.generate\n{diff}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
            sys.stderr.write(f"wrote {path}\n")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
