"""What commands have in common: arguments and flags, the settings these stand above, the build that is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.config import Config
    from kg.remote import Endpoint
    from kg.store import Build

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Reports, or folders of reports; - is standard input.", show_default=False)
]
BuildFolder = Annotated[Path | None, typer.Option("-b", "--build", metavar="DIR", help="The build to read [default: kg-out].")]
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
    """Return the parameters of a query by name; raise UsageError for what is none."""
    wrong = next((pair for pair in pairs if "=" not in pair), None)
    if wrong is not None:
        raise UsageError(f"'{wrong}' is no parameter", hint="write --param name=value")
    return dict(pair.split("=", 1) for pair in pairs)


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
