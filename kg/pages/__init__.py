"""A build -> pages for people, and the data of each page: the same for the endpoint and for a published site.

A page is a module here (`view` reads what it shows, bounded in size) and a template of its name.
Its addresses stand in `addresses`.
`static/` holds what pages load and need no build for; `web/` the sources of the bundle that npm builds into `built/`.

site         links between pages, live or as files
addresses    path -> page and arguments
render       page -> HTML
data         page -> Turtle, JSON-LD, CSV, JSON
assets       the files that pages load
"""

from __future__ import annotations

from kg.pages.errors import Missing

__all__ = ["Missing"]
