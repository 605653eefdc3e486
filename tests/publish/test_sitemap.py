"""Sitemaps: every address once, in as many files as the protocol wants."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from kg.publish.sitemap import MOST, robots, sitemaps

ROOT = "https://example.org/graph/"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(content: bytes, kind: str) -> list[str]:
    root = ET.fromstring(content)  # noqa: S314 - written here
    assert root.tag == f"{SPACE}{kind}"
    return [str(place.text) for place in root.iter(f"{SPACE}loc")]


@pytest.mark.parametrize("paths", [[], [""], ["b/", "a/", "it's/a&b/"]])
def test_one_sitemap(paths: list[str]) -> None:
    [(name, content)] = sitemaps([ROOT + path for path in paths], ROOT)
    assert (name, locations(content, "urlset")) == ("sitemap.xml", sorted(ROOT + path for path in paths))


def test_as_many_as_one_may_hold() -> None:
    assert [name for name, _ in sitemaps((f"{ROOT}{number}/" for number in range(MOST)), ROOT)] == ["sitemap.xml"]


def test_an_index_of_several() -> None:
    found = dict(sitemaps([f"{ROOT}{number}/" for number in range(7)], ROOT, most=3))
    assert list(found) == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml", "sitemap.xml"]
    assert locations(found["sitemap.xml"], "sitemapindex") == [f"{ROOT}sitemap-{number}.xml" for number in (1, 2, 3)]
    listed = [place for number in (1, 2, 3) for place in locations(found[f"sitemap-{number}.xml"], "urlset")]
    assert listed == [f"{ROOT}{number}/" for number in range(7)]


def test_robots_are_told_where_it_is() -> None:
    assert robots(ROOT).decode().splitlines() == ["User-agent: *", "Allow: /", "", f"Sitemap: {ROOT}sitemap.xml"]
