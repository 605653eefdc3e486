"""ontology/ -> Schema: the relations, classes, stages and known things that every stage agrees on.

The only reader of `ontology/`: of `kg.ttl` (Turtle), and through `tables` of the catalogue, which users enlarge (`user_names`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

import kg
from kg.errors import ConfigError, UnknownName
from kg.model import Thing
from kg.tables import Keys, folder_of, index, read_tables
from kg.values import name_key

ONTOLOGY = "https://w3id.org/kg/ontology#"
DEFAULT_BASE = "https://w3id.org/kg/"

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
UserTable = tuple[str, bytes, str | None]
"""A table of names that the user gives: the file's path, what it holds, and the kind of things that its rows do not tell."""


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
    `report`, `structure`, `catalog` or `derived`; `in_place_of` is the relation for which a derived one can stand.
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
    in_place_of: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Schema:
    """Everything declared under ontology/ and in the user's tables, for things below `base`; immutable.

    `version` is a SHA-256 over the files, `columns` what a table of each kind may hold.
    """

    base: str
    directory: Path
    user_tables: tuple[UserTable, ...]
    version: str
    relations: Mapping[str, Relation]
    classes: Mapping[str, Class]
    stages: Mapping[str, str]
    things: tuple[Thing, ...]
    columns: Mapping[str, tuple[str, ...]]
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
        return found if kind is None else tuple(thing for thing in found if kind in {thing.kind, folder_of(thing.kind)})

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
        return _load, (self.base, self.directory, self.user_tables)


def ontology_dir() -> Path:
    """Return the folder with kg.ttl: inside an installed package, else at the root of the repository."""
    return _data_dir("ontology")


def shapes_dir() -> Path:
    """Return the folder with core.ttl: inside an installed package, else at the root of the repository."""
    return _data_dir("shapes")


def load_schema(base: str = DEFAULT_BASE, directory: Path | None = None, catalog: Sequence[Path] = ()) -> Schema:
    """Read the ontology, the catalogue and the user's tables (`catalog`), each once as long as it holds the same.

    Raises ConfigError with file and line when one of them cannot be used.
    """
    return _load(base, directory or ontology_dir(), tuple((str(path), _content(path), None) for path in catalog))


def enlarged(schema: Schema, table: Path, kind: str | None) -> Schema:
    """Return the schema with one more table of the user's; raise ConfigError with file and line when it cannot be used."""
    return _load(schema.base, schema.directory, (*schema.user_tables, (str(table), _content(table), kind)))


@lru_cache(maxsize=4)
def _load(base: str, directory: Path, user_tables: tuple[UserTable, ...]) -> Schema:
    ontology = directory / "kg.ttl"
    nodes = _read_nodes(ontology)
    keys = Keys()
    tables = read_tables(directory / "catalog", base, keys)
    if user_tables:
        from kg.user_names import added

        relations = _relations(nodes, ontology)
        for file, content, kind in user_tables:
            tables = added(tables, file, content, base=base, keys=keys, relations=relations, kind=kind)
    things = tuple(sorted(tables.things.values(), key=lambda thing: thing.iri))
    return Schema(
        base=base,
        directory=directory,
        user_tables=user_tables,
        version=_version(directory, user_tables),
        relations=MappingProxyType(_relations(nodes, ontology)),
        classes=MappingProxyType(_classes(nodes, ontology)),
        stages=MappingProxyType(_stages(nodes, ontology)),
        things=things,
        columns=MappingProxyType(dict(tables.columns)),
        _by_key=MappingProxyType(index(things, keys)),
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


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "correct the path; kg catalog add makes the file"
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error


def _version(directory: Path, user_tables: tuple[UserTable, ...]) -> str:
    digest = hashlib.sha256()
    paths = sorted(path for pattern in ("*.ttl", "catalog/*.csv") for path in directory.glob(pattern))
    own = ((Path(file).name, content) for file, content, _ in user_tables)
    for name, content in (*((path.relative_to(directory).as_posix(), path.read_bytes()) for path in paths), *own):
        digest.update(f"{name} {len(content)}\n".encode())
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
    if iri in {_RDFS + "Literal", _RDFS + "Resource"}:
        return "rdfs:" + iri.removeprefix(_RDFS)
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
            in_place_of=next((_local(other, path) for other in node.get(ONTOLOGY + "inPlaceOf", ())), None),
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
