"""Pages over HTTP: for people, or the data of a page in the format that a client wants; and the files that they load."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Scope

from kg.guard import Asked
from kg.pages import assets
from kg.pages.addresses import addressed, iri_path
from kg.pages.data import MEDIA, NAMED
from kg.pages.render import rendered
from kg.pages.site import Site
from kg.serve._negotiation import choose
from kg.serve._problems import title
from kg.serve._protocol import Problem, parameters_of, values

_HTML = "text/html"
_FORMATS = {_HTML: "html", **{media.partition(";")[0]: name for name, media in MEDIA.items() if name != "txt"}}
_ALSO = {"turtle": "ttl", "json-ld": "jsonld", "ntriples": "nt", "rdf": "rdfxml"}
_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE)
_KEPT = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}  # its address is another one when its content is


class Elsewhere(Route):
    """The route of all paths that other routes do not take, whatever the method."""

    def __init__(self, others: Sequence[Route], path: str, endpoint: ASGIApp) -> None:
        super().__init__(path, endpoint, methods=["GET"])
        self._others = tuple(others)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the path is for no other route."""
        taken = any(route.matches(scope)[0] != Match.NONE for route in self._others)
        return (Match.NONE, {}) if taken else super().matches(scope)


def path_of(request: Request) -> str:
    """Return the path of the page that is asked for, as IRIs write it."""
    return iri_path(request.scope["raw_path"].decode("latin-1").lstrip("/"))


def redirect(request: Request) -> Response | None:
    """Return what leads from an address that ends in a slash to the page's own, None for others."""
    raw: str = request.scope["raw_path"].decode("latin-1")
    if raw == "/" or not raw.endswith("/"):
        return None
    name = raw.rstrip("/").rpartition("/")[2]
    query = request.scope["query_string"].decode("latin-1")
    above = "../" * (len(raw) - len(raw.rstrip("/")))
    return RedirectResponse(f"{above}{name}{f'?{query}' if query else ''}", 308)


def page_asked(request: Request, path: str | None = None) -> Asked:
    """Return what to ask for the page at a path, by default the request's; raise Problem where no format fits."""
    path = path_of(request) if path is None else path
    if not any(addressed(path)):
        raise Problem(404, title(404))
    named = values(parameters_of(request), "format")
    query = parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    query.pop("format", None)
    arguments = {"path": path, "format": _format(request, named), "query": query}
    return Asked("page", {**arguments, "address": None, "version": assets.version(), "coding": _coding(request)})


def _coding(request: Request) -> str | None:
    """Return the coding in which a client takes a reply that is worth it."""
    return "gzip" if _GZIP.search(",".join(request.headers.getlist("accept-encoding"))) else None


def _format(request: Request, named: list[str]) -> str:
    if named:
        known = {*_FORMATS.values(), *MEDIA, *NAMED}
        name = _ALSO.get(named[-1], named[-1])
        if name not in known:
            raise Problem(406, f"no page comes as '{name[:80]}'", formats=sorted(known.difference(NAMED)))
        return name
    media = choose(",".join(request.headers.getlist("accept")), _FORMATS)
    if media is None:
        raise Problem(406, "a page cannot be had in a format that the request accepts", formats=list(_FORMATS))
    return _FORMATS[media]


def for_people(request: Request, error: Problem, base: str) -> Response | None:
    """Return what a person is shown instead of a page, None for a program."""
    if values(parameters_of(request), "format") or choose(",".join(request.headers.getlist("accept")), _FORMATS) != _HTML:
        return None
    if "text/html" not in ",".join(request.headers.getlist("accept")):
        return None
    found = {"title": title(error.status), "detail": error.detail, "hint": error.members.get("hint"), "formats": ()}
    content = rendered("problem", Site(base, path_of(request)), found)
    return Response(
        content.encode("utf-8", "replace"), error.status, {"Cache-Control": "no-store", **error.headers}, media_type=_HTML
    )


def asset(request: Request) -> Response:
    """Return a file that pages load; raise Problem."""
    found = assets.assets().get(request.path_params["path"])
    if found is None:
        raise Problem(404, "there is no such file")
    if _coding(request) and found.zipped:
        return Response(found.zipped, headers={**_KEPT, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=_KEPT, media_type=found.media_type)
