"""Markdown for a pull request: what a report says cannot become markup, and a page has an end."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from kg.diff.markdown import code
from kg.terminal import visible
from tests.diff.small import KESTREL, MERLIN, Builds, written

HOSTILE = [
    "</details></summary>",
    "<script>alert(1)</script>",
    "a | b | c",
    "\\| \\",
    "`code` ``more``",
    "```",
    "`",
    "**bold** _it_ [a](http://x) ![i](http://x/y.png)",
    "@somebody #1 https://example.org www.example.org",
    "&lt;b&gt; &#96;",
    "line\nbreak\r\n\n- item\n# heading",
    "  ",
    " a ",
    "\u202eright to left",
    "",
]

SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def spans(markdown: str) -> list[str]:
    """Return the contents of code spans as CommonMark (section 6.1) reads them."""
    found = []
    for match in SPAN.finditer(markdown):
        text = match[2]
        strip = text.startswith(" ") and text.endswith(" ") and text.strip(" ")
        found.append(text[1:-1] if strip else text)
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_code_span_holds_its_text_and_nothing_else(text: str) -> None:
    span = code(text)
    assert "\n" not in span
    assert spans(f"before {span} after") == [visible(text) or " "]
    assert SPAN.sub("", f"before {span} after") == "before  after"


def test_a_long_text_is_cut() -> None:
    assert len(code("x" * 10_000)) < 400


def outside_of_code(markdown: str) -> str:
    return SPAN.sub("", markdown)


REPORT = (
    "We introduce Kestrel-7B, a language model with 7 billion parameters. It was trained on CC3M. </details> "
    "<script>alert(1)</script> | `quoted` ``twice`` @somebody [x](http://x) <img src=x onerror=y> <!-- -->\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.txt": REPORT}, {"a.txt": REPORT.replace("7 billion", "8 billion").replace("CC3M", "CC12M")}),
        ({"a.txt": REPORT}, {"b.txt": MERLIN}),
        ({"a.txt": KESTREL}, {"a.txt": KESTREL.replace("7 billion", "<params>many `x` </details></params>")}),
        ({"a.txt": KESTREL}, {"a`</details>.txt": KESTREL, "@x|y.txt": MERLIN}),
    ],
    ids=["changed", "removed", "a finding quotes it", "names of files"],
)
def test_what_a_report_says_stays_in_code(builds: Builds, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    page = written(builds.difference(before, after), "markdown")
    rest = outside_of_code(page)
    assert page
    for word in ("script", "img", "@", "[x]", "http", "quoted", "<!--", "billion", "Kestrel"):
        assert word not in rest
    assert rest.count("<details>") == rest.count("</details>") == rest.count("<summary>") > 0
    assert set(re.findall(r"<[^>]*>", rest)) == {"<details>", "</details>", "<summary>", "</summary>"}
    for line in rest.splitlines():
        assert re.match(r"$|### kg diff: |\|[- \w:|,]+\|$|<details><summary>|</details>$|- |  - ", line), line


def test_the_page_counts_and_quotes_both_sides(builds: Builds) -> None:
    after = {"a.txt": KESTREL.replace("7 billion", "8 billion")}
    page = written(builds.difference({"a.txt": KESTREL}, after), "markdown")
    assert page.startswith(
        "### kg diff: `old` → `new`\n\n| | added | removed | changed |\n|---|--:|--:|--:|\n| facts | 0 | 0 | 1 |\n"
    )
    assert (
        "\n<details><summary>facts: 1 changed</summary>\n\n- `~` **`Kestrel-7B`** `parameterCount`: `7000000000` → `8000000000`\n"
        in page
    )
    assert re.search(
        r"\n  - before: `\S+a\.txt:1:48` `We introduce Kestrel-7B, a language model with 7 billion parameters\.`\n", page
    )
    assert re.search(
        r"\n  - after: `\S+a\.txt:1:48` `We introduce Kestrel-7B, a language model with 8 billion parameters\.`\n", page
    )


def test_a_large_page_ends(builds: Builds) -> None:
    """GitHub takes 65,536 characters in a comment; what there is no room for is counted."""
    padding = "x" * 60
    many = {f"{number:03}-{padding}.txt": KESTREL.replace("Kestrel-7B", f"Kestrel-{number + 2}B") for number in range(140)}
    page = written(builds.difference({"a.txt": MERLIN}, many), "markdown")
    assert len(page.encode()) < 65_000
    assert re.search(r"- … and \d+ more changes\n\n</details>", page)
    assert page.count("<details>") == page.count("</details>")
    shown = sum(line.startswith("- `+` **") for line in page.splitlines())
    assert 100 <= shown < 700
