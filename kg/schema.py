"""ontology/ -> Schema: the relations, classes, stages and known things that every stage agrees on.

The only reader of `ontology/kg.ttl` (Turtle) and `ontology/catalog/<kind>.csv` (UTF-8, header `name,aliases,…`, several values in
a cell separated by `|`). Columns: `id` (the IRI's last part, else made from the name), `ambiguous` (names that alone do not
decide), `context` (`yes`: an ordinary word, a name only in context); every other column is a fact.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

import kg
from kg.errors import ConfigError, UnknownName
from kg.model import Thing
from kg.values import name_key, slug

ONTOLOGY = "https://w3id.org/kg/ontology#"
DEFAULT_BASE = "https://w3id.org/kg/"

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
# A component of a model is itself a model, so that a report can extend what another one uses as a part.
_FOLDERS = {"component": "model"}


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the ontology; `name` is its local name."""

    name: str
    iri: str
    label: str
    definition: str
    example: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A property of the ontology. `domain` is a class's local name, `range` a class's, or a datatype: `xsd:integer`.

    `values` is the closed list of canonical values (empty: open); `parents` its super-properties' local names; `origin` is
    `report`, `structure` or `catalog`.
    """

    name: str
    iri: str
    label: str
    definition: str
    domain: str
    range: str
    functional: bool
    example: str
    values: tuple[str, ...]
    parents: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Schema:
    """Everything declared under ontology/, for things below `base`; immutable. `version` is a SHA-256 over the files."""

    base: str
    directory: Path
    version: str
    relations: Mapping[str, Relation]
    classes: Mapping[str, Class]
    stages: Mapping[str, str]
    things: tuple[Thing, ...]
    _by_key: Mapping[str, tuple[Thing, ...]]
    _by_iri: Mapping[str, Thing]

    def relation(self, name: str) -> Relation:
        """Return the relation with this local name; raise UnknownName with the near names."""
        try:
            return self.relations[name]
        except KeyError:
            raise UnknownName("relation", name, self.relations) from None

    def find(self, name: str, kind: str | None = None) -> tuple[Thing, ...]:
        """Return the things that a spelling can name, sorted by IRI; several when it is ambiguous."""
        found = self._by_key.get(name_key(name), ())
        return found if kind is None else tuple(thing for thing in found if kind in {thing.kind, _folder(thing.kind)})

    def thing(self, iri: str) -> Thing | None:
        """Return the catalogue's thing with this IRI."""
        return self._by_iri.get(iri)

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of things that the catalogue holds, sorted."""
        return tuple(sorted({thing.kind for thing in self.things}))

    def names(self, kind: str) -> tuple[str, ...]:
        """Return every name and alias of one kind of thing, sorted."""
        return tuple(sorted({name for thing in self.things if thing.kind == kind for name in (thing.name, *thing.aliases)}))

    def __reduce__(self) -> tuple[Callable[..., Schema], tuple[Any, ...]]:
        # Worker processes read the files again (or inherit the cache): cheaper than sending thousands of things.
        return load_schema, (self.base, self.directory)


def ontology_dir() -> Path:
    """Return the folder with kg.ttl: inside an installed package, else at the root of the repository."""
    return _data_dir("ontology")


def shapes_dir() -> Path:
    """Return the folder with core.ttl: inside an installed package, else at the root of the repository."""
    return _data_dir("shapes")


def load_schema(base: str = DEFAULT_BASE, directory: Path | None = None) -> Schema:
    """Read the ontology and the catalogue, once; raise ConfigError with file and line when one of them cannot be used."""
    return _load(base, directory or ontology_dir())


@lru_cache(maxsize=4)
def _load(base: str, directory: Path) -> Schema:
    ontology = directory / "kg.ttl"
    nodes = _read_nodes(ontology)
    keys = _Keys()
    things = _read_catalog(directory / "catalog", base, keys)
    return Schema(
        base=base,
        directory=directory,
        version=_version(directory),
        relations=MappingProxyType(_relations(nodes, ontology)),
        classes=MappingProxyType(_classes(nodes, ontology)),
        stages=MappingProxyType(_stages(nodes, ontology)),
        things=things,
        _by_key=MappingProxyType(_index(things, keys)),
        _by_iri=MappingProxyType({thing.iri: thing for thing in things}),
    )


def ontology_triples() -> tuple[str, ...]:
    """Return the statements of kg.ttl and align.ttl as sorted N-Triples, without the closing full stop and line feed."""
    found = {str(quad.triple) for name in ("kg.ttl", "align.ttl") for quad in _parse(ontology_dir() / name)}
    return tuple(sorted(found))


def _data_dir(name: str) -> Path:
    package = Path(kg.__file__).parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name


def _version(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in ("*.ttl", "catalog/*.csv") for path in directory.glob(pattern)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(directory).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


# kg.ttl -------------------------------------------------------------------------------------------------------------------------

_Node = dict[str, list[str]]


def _parse(path: Path) -> list[ox.Quad]:
    try:
        return list(ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE))
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=str(path), hint="restore the file, or install kg again"
        ) from error
    except SyntaxError as error:
        raise ConfigError(str(error.msg), where=f"{path}:{error.lineno or 1}", hint="mend the Turtle at that line") from error


def _read_nodes(path: Path) -> dict[str, _Node]:
    nodes: dict[str, _Node] = defaultdict(lambda: defaultdict(list))
    for quad in _parse(path):
        if not isinstance(quad.subject, ox.Triple) and not isinstance(quad.object, ox.Triple):
            nodes[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return nodes


def _of_type(nodes: Mapping[str, _Node], *types: str) -> Iterator[tuple[str, _Node]]:
    return ((iri, node) for iri, node in nodes.items() if not set(types).isdisjoint(node.get(_RDF_TYPE, ())))


def _one(node: _Node, predicate: str, iri: str, path: Path) -> str:
    values = node.get(predicate, [])
    if len(values) != 1:
        local = predicate.replace("#", "/").rsplit("/", 1)[-1]
        raise ConfigError(f"{iri} has {len(values)} values of {local}, it needs one", where=str(path))
    return values[0]


def _local(iri: str, path: Path) -> str:
    if iri.startswith(_XSD):
        return "xsd:" + iri.removeprefix(_XSD)
    if iri == _RDFS + "Literal":
        return "rdfs:Literal"
    if not iri.startswith(ONTOLOGY):
        raise ConfigError(f"{iri} is neither a term of {ONTOLOGY} nor an XSD datatype", where=str(path))
    return iri.removeprefix(ONTOLOGY)


def _relations(nodes: Mapping[str, _Node], path: Path) -> dict[str, Relation]:
    relations = {}
    for iri, node in _of_type(nodes, _OWL + "DatatypeProperty", _OWL + "ObjectProperty"):
        name = _local(iri, path)
        relations[name] = Relation(
            name=name,
            iri=iri,
            label=_one(node, _RDFS + "label", iri, path),
            definition=_one(node, _SKOS + "definition", iri, path),
            domain=_local(_one(node, _RDFS + "domain", iri, path), path),
            range=_local(_one(node, _RDFS + "range", iri, path), path),
            functional=_one(node, ONTOLOGY + "functional", iri, path) == "true",
            example=_one(node, _SKOS + "example", iri, path),
            values=tuple(node.get(ONTOLOGY + "values", ())),
            parents=tuple(_local(parent, path) for parent in node.get(_RDFS + "subPropertyOf", ())),
            origin=_one(node, ONTOLOGY + "origin", iri, path),
        )
    return relations


def _classes(nodes: Mapping[str, _Node], path: Path) -> dict[str, Class]:
    classes = {}
    for iri, node in _of_type(nodes, _OWL + "Class"):
        classes[_local(iri, path)] = Class(
            name=_local(iri, path),
            iri=iri,
            label=_one(node, _RDFS + "label", iri, path),
            definition=_one(node, _SKOS + "definition", iri, path),
            example=_one(node, _SKOS + "example", iri, path),
        )
    return classes


def _stages(nodes: Mapping[str, _Node], path: Path) -> dict[str, str]:
    return {_one(node, _SKOS + "notation", iri, path): iri for iri, node in _of_type(nodes, ONTOLOGY + "Stage")}


# catalog/*.csv ------------------------------------------------------------------------------------------------------------------


def _kind(path: Path) -> str:
    stem = path.stem
    return stem[:-3] + "y" if stem.endswith("ies") else stem.removesuffix("s")


def _folder(kind: str) -> str:
    return _FOLDERS.get(kind, kind)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip()) if cell else ()


class _Keys(dict[str, str]):
    """Spelling -> name key, each computed once: a catalogue is read at every start."""

    def __missing__(self, spelling: str) -> str:
        key = self[spelling] = name_key(spelling)
        return key


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells that are not empty by column)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header[:2] != ["name", "aliases"] or len(set(header)) != len(header):
                raise ConfigError("the header must begin with name,aliases and name each column once", where=f"{path}:1")
            for row in reader:
                if row and len(row) != len(header):
                    raise ConfigError(f"{len(row)} columns where the header has {len(header)}", where=f"{path}:{reader.line_num}")
                if row:
                    yield reader.line_num, {column: cell.strip() for column, cell in zip(header, row, strict=True) if cell}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"is not a UTF-8 CSV file: {error}", where=str(path)) from error


def _read_catalog(directory: Path, base: str, keys: _Keys) -> tuple[Thing, ...]:
    places: dict[str, str] = {}
    things: list[Thing] = []
    for path in sorted(directory.glob("*.csv")):
        found = list(_read_things(path, base, places))
        _check_names(found, places, keys)
        things += found
    return tuple(sorted(things, key=lambda thing: thing.iri))


def _read_things(path: Path, base: str, places: dict[str, str]) -> Iterator[Thing]:
    """Read one list; `places` maps the IRIs read so far to the file and line they stand in."""
    kind = _kind(path)
    prefix = f"{base}{_folder(kind)}/"
    file = str(path)
    for line, row in _rows(path):
        place = f"{file}:{line}"
        name = row.pop("name", "")
        if not name:
            raise ConfigError("the name is empty", where=place)
        iri = prefix + (row.pop("id", "") or slug(name))
        if iri in places:
            raise ConfigError(f"{iri} is already at {places[iri]}", where=place, hint="take one out, or give it another id")
        places[iri] = place
        aliases, ambiguous = _split(row.pop("aliases", "")), _split(row.pop("ambiguous", ""))
        in_context = row.pop("context", "") == "yes"
        yield Thing(iri, kind, name, aliases, facts=row, ambiguous=ambiguous, in_context=in_context)


def _check_names(things: Iterable[Thing], places: Mapping[str, str], keys: _Keys) -> None:
    """Raise ConfigError where a spelling of one thing is the name of another of its kind and neither says it is ambiguous."""
    owners: dict[str, Thing] = {}
    for thing in things:
        owner = owners.setdefault(keys[thing.name], thing)
        if owner is not thing:
            raise ConfigError(f"'{thing.name}' is already at {places[owner.iri]}", where=places[thing.iri])
    for thing in things:
        for alias in thing.aliases:
            owner = owners.get(keys[alias], thing)
            if owner is not thing and keys[alias] not in {keys[name] for name in (*thing.ambiguous, *owner.ambiguous)}:
                raise ConfigError(
                    f"the alias '{alias}' is the name at {places[owner.iri]}",
                    where=places[thing.iri],
                    hint="take it out, or list it under ambiguous",
                )


def _index(things: Iterable[Thing], keys: _Keys) -> dict[str, tuple[Thing, ...]]:
    found: dict[str, tuple[Thing, ...]] = {}
    for thing in things:
        alone = (thing,)
        for name in (thing.name, *thing.aliases, *thing.ambiguous):
            others = found.setdefault(keys[name], alone)
            if others[-1] is not thing:
                found[keys[name]] = others + alone
    found.pop("", None)  # spellings of signs alone
    return found
