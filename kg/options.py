"""What commands have in common: arguments and flags, the settings these stand above, the build that is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.config import Config
    from kg.remote import Endpoint
    from kg.store import Build

_SECONDS = re.compile(r"([0-9]{1,15}(?:\.[0-9]+)?)\s*(ms|s|min|m|h|)", re.IGNORECASE)
_UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "min": 60.0, "h": 3600.0}

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Reports, or folders of reports; - is standard input.", show_default=False)
]
Places = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Reports, or folders of reports; - is standard input.", show_default=False),
]
BuildFolder = Annotated[Path | None, typer.Option("-b", "--build", metavar="DIR", help="The build to read [default: kg-out].")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where the build goes [default: kg-out].")]
Jobs = Annotated[int | None, typer.Option("-j", "--jobs", metavar="N", help="Processes; 0 is one per core [default: 0].")]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="PATTERN", help="Leave out, as in a .gitignore; repeat it for more.")
]
BaseIri = Annotated[str | None, typer.Option("--base-iri", metavar="IRI", help="What the IRIs of things begin with.")]
Extractor = Annotated[
    str | None, typer.Option(metavar="NAME", help="What reads the reports: rules, rules+llm or llm [default: rules].")
]
LlmMode = Annotated[
    str | None, typer.Option(metavar="MODE", help="A language model reads the whole, or what the rules left open [default: whole].")
]
MaxRequests = Annotated[int | None, typer.Option(metavar="N", help="Requests to a language model at most [default: 1000].")]
Select = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE", help="Show and count only these findings: KG302, or KG3 for all that begin so; repeat it for more."
    ),
]
Ignore = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="Neither show nor count these findings; repeat it for more.")
]
FailOn = Annotated[
    str | None,
    typer.Option(metavar="SEVERITY", help="Exit with 1 from this severity on: info, warning or violation [default]."),
]
AcceptShrink = Annotated[
    bool, typer.Option("--accept-shrink", help="Publish even when models or more than 10 % of the facts are lost.")
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding, and what was skipped.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Ask this SPARQL endpoint instead of a build.")]
Token = Annotated[
    str | None, typer.Option("--token", metavar="TEXT", envvar="KG_URL_TOKEN", help="What the endpoint wants to see; for it alone.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def settings(**flags: Any) -> Config:
    """Return the settings that hold here, flags that were given above all others."""
    from kg.config import load_config

    return load_config().with_flags(**flags)


def parameters(pairs: Iterable[str]) -> dict[str, str]:
    """Return the parameters of a query by name; raise UsageError for what is none, and for one that is given twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"'{pair}' is no parameter", hint="write --param name=value")
        if name in found:
            raise UsageError(f"the parameter {name} is given twice", hint="a parameter has one value: ask once for each")
        found[name] = value
    return found


def seconds(text: str) -> float:
    """Return a time in seconds: `30s`, `500ms`, `2min`, `1h`, or a number of seconds; raise UsageError for what is none.

    >>> seconds("500ms"), seconds("2min"), seconds("30")
    (0.5, 120.0, 30.0)
    """
    match = _SECONDS.fullmatch(text.strip())
    found = float(match[1]) * _UNITS[match[2].lower()] if match else 0.0
    if not 0 < found <= 86400:
        raise UsageError(f"'{text}' is no time from above 0 to a day", hint="write it as 30s, 500ms or 2min")
    return found


def absolute_iri(text: str | None) -> str | None:
    """Return the IRI of a graph; raise UsageError for a text that is no absolute one."""
    import pyoxigraph as ox

    try:
        return None if text is None else ox.NamedNode(text).value
    except ValueError as error:
        raise UsageError(f"this is no IRI of a graph: {error}", where=text, hint="write all of it: https://...") from error


def endpoint(url: str, token: str | None, timeout: float | None, build: Path | None, evidence: bool) -> Endpoint:
    """Return the endpoint that flags tell; raise UsageError for what is none, and for flags that only a build can obey."""
    from kg.remote import Endpoint

    if build is not None:
        raise UsageError("--build and --url name two things to ask", hint="leave out one of them")
    if evidence:
        hint = "leave out --url, or ask it the query that is called evidence"
        raise UsageError("--evidence shows the words of the reports of a build, and --url asks an endpoint", hint=hint)
    return Endpoint(url, token or None, timeout)


def opened(folder: Path | None) -> Build:
    """Return the build in a folder, or where the settings say that one is."""
    from kg.store import open_build

    return open_build(folder or settings().output)
