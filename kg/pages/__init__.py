"""A build -> pages for people, and the data of each page: the same for the endpoint and for a published site.

A page is a module here (`view` reads what it shows, bounded in size) and a template of its name; its address stands in
`addresses`. Files whose names begin with an underscore are parts of pages. `static/` holds what pages load and need no build
for, `web/` the sources of the bundle that npm builds into `built/`.

site           links between pages, live or as files
addresses      path -> page and arguments
folders        path -> where a published page's file stands
render         page -> HTML
data           page -> Turtle, JSON-LD, CSV, JSON
jsonld         page -> what its head tells search engines
search_shards  things -> files of names, by which a published site searches
assets         the files that pages load
shown          values -> how people read them
"""

from __future__ import annotations

from kg.pages.errors import Missing, NoData

__all__ = ["Missing", "NoData"]
