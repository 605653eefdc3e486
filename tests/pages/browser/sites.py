"""Where pages are in a browser's tests, and what opens them and watches what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

Scheme = Literal["light", "dark"]

PATIENCE = 20_000
"""Milliseconds that anything may take."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site by the address of its root."""

    kind: str
    root: str

    def url(self, path: str = "", query: str = "", fragment: str = "") -> str:
        """Return the address of a page as the site's own links write it."""
        slash = "/" if path and self.kind == "static" else ""
        return self.root + path + slash + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


@dataclass(frozen=True, slots=True)
class Sites:
    """The pages of one build, served and published."""

    build: Path
    live: Site
    static: Site


@dataclass(eq=False)  # the browser keeps notes on whom it calls
class Opener:
    """Opens pages in contexts of their own, and collects what goes wrong in them."""

    browser: Browser
    wrong: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def page(self, width: int = 1280, height: int = 900, scheme: Scheme = "light", **more: Any) -> Page:
        """Return an empty page of a size and colour scheme."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **more
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        found = context.new_page()
        self._watch(found)
        return found

    @contextmanager
    def expecting(self, *words: str) -> Iterator[None]:
        """Let something go wrong while the block runs that has one of some words in it, and hold that it does."""
        before = len(self.wrong)
        yield
        own = self.wrong[before:]
        assert own, f"nothing went wrong with {words}"
        self.wrong[before:] = [told for told in own if not any(word in told for word in words)]

    def close(self) -> None:
        """Close all pages; raise AssertionError when something went wrong in one."""
        for context in self._contexts:
            context.close()
        assert self.wrong == []

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"error on the page: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("request", lambda request: self._request(page, request))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # the page was left, or took its question back
            self.wrong.append(f"request failed: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"reply {response.status}: {response.url}")

    def _request(self, page: Page, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in {"data", "blob"}:
            return
        if asked.hostname != "127.0.0.1":
            self.wrong.append(f"request to another host: {request.url}")
