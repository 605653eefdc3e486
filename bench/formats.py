"""Measure how fast each format is read, beside what only parses it: selectolax, PDFium, and Python's own parser of XML.

`python -m bench.formats [-n DOCUMENTS] [--passes N] [--seed N]`. The documents of `bench.corpus` are written in each format; one
process, one core; all are in memory; each engine is warmed up, then the engines take turns for each pass, and the median counts.
Reading means text with offsets, headings, tables, pairs and sentences; the others only hand back the text.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import time
from collections.abc import Callable, Sequence
from html import escape
from importlib.metadata import version
from xml.etree import ElementTree

from bench.corpus import documents
from bench.extraction import machine
from kg.ingest import read_text
from kg.ingest.pdf import text_of

WARM_UP = 20
_HEADING = re.compile(r"#+ (.*)")
_PAIR = re.compile(r"(?:[-*] |\*\*)?([A-Z][\w -]{0,30}):(?:\*\*)? (.+)")

Engine = Callable[[str | bytes], object]
Block = tuple[str, Sequence[str]]  # kind and texts of a heading, a paragraph, a pair or the row of a table


def blocks(text: str) -> list[Block]:
    """Return the headings, pairs, rows and paragraphs of a document of the corpus."""
    found: list[Block] = []
    for line in text.splitlines():
        if heading := _HEADING.fullmatch(line):
            found.append(("heading", [heading[1]]))
        elif line.startswith("|"):
            found.append(("row", [cell.strip() for cell in line.strip("|").split("|")]))
        elif pair := _PAIR.fullmatch(line):
            found.append(("pair", pair.groups()))
        elif line.strip():
            found.append(("text", [line]))
    return found


def html(text: str) -> str:
    """Return a document as a page, with the wrapping and the furniture that pages have."""
    shapes = {
        "heading": "<h2 class='title'>{}</h2>",
        "pair": "<p><b>{}:</b> {}</p>",
        "text": "<div class='content'><p>\n  {}\n</p></div>",
    }
    body = "".join(_filled(shapes, kind, [escape(part) for part in parts]) for kind, parts in blocks(text))
    nav = "<nav><ul>" + "<li><a href='#'>Link</a></li>" * 20 + "</ul></nav>"
    return (
        f"<!DOCTYPE html><html><head><title>x</title><script>let a = 1;</script></head><body>{nav}<main>{body}</main></body></html>"
    )


def jats(text: str) -> str:
    """Return a document as an article."""
    shapes = {"heading": "<p><bold>{}</bold></p>", "pair": "<p><bold>{}:</bold> {}</p>", "text": "<p>{}</p>"}
    body = "".join(_filled(shapes, kind, [escape(part) for part in parts]) for kind, parts in blocks(text))
    return f"<article><front><article-meta/></front><body><sec>{body}</sec></body></article>"


def latex(text: str) -> str:
    """Return a document as its source."""
    shapes = {"heading": "\\section{{{}}}\n", "pair": "\\textbf{{{}:}} {}\n\n", "text": "{}\n\n"}
    parts = []
    for kind, words in blocks(text):
        words = [re.sub(r"([%&#_$])", r"\\\1", word) for word in words]
        row = "\\begin{tabular}{ll}" + " & ".join(words) + "\\\\\\end{tabular}\n"
        parts.append(row if kind == "row" else shapes[kind].format(*words))
    return f"\\documentclass{{article}}\\begin{{document}}\n{''.join(parts)}\\end{{document}}\n"


def pdf(text: str) -> bytes:
    """Return a document as a PDF."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles, file = getSampleStyleSheet(), io.BytesIO()
    parts = [
        Paragraph(escape(" ".join(words)), styles["Heading2" if kind == "heading" else "BodyText"]) for kind, words in blocks(text)
    ]
    SimpleDocTemplate(file, invariant=1).build(parts)
    return file.getvalue()


def _filled(shapes: dict[str, str], kind: str, parts: Sequence[str]) -> str:
    if kind == "row":
        return "<table><tr>" + "".join(f"<td>{part}</td>" for part in parts) + "</tr></table>"
    return shapes[kind].format(*parts)


def selectolax_text(source: str | bytes) -> object:
    """Return the text of a page as selectolax sees it."""
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(source).text()


def pdfium_text(data: str | bytes) -> object:
    """Return the text of the pages of a PDF as PDFium orders it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    found = []
    for page in document:
        text = page.get_textpage()
        found.append(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return found


def _read_pdf(data: str | bytes) -> object:
    return read_text(text_of(data, "a.pdf"), "a.pdf", format="pdf") if isinstance(data, bytes) else None


def engines(format: str) -> dict[str, Engine]:
    """Return what is measured for a format, by name: kg first, then what only parses."""
    if format == "pdf":
        return {"kg: read": _read_pdf, f"PDFium ({version('pypdfium2')}): text": pdfium_text}
    found: dict[str, Engine] = {"kg: read": lambda source: read_text(str(source), "a", format=format)}
    if format == "jats":
        found["ElementTree: text"] = lambda source: "".join(ElementTree.fromstring(source).itertext())  # noqa: S314
    if format == "html":
        try:
            found[f"selectolax {version('selectolax')}: text"] = selectolax_text
            selectolax_text("<p>x")
        except ModuleNotFoundError:
            found = {"kg: read": found["kg: read"]}
    return found


def seconds(engine: Engine, sources: Sequence[str | bytes]) -> float:
    """Return the processor time that an engine takes for all sources."""
    start = time.process_time()
    for source in sources:
        engine(source)
    return time.process_time() - start


def measure(count: int, passes: int, seed: int) -> str:
    """Return the results as a Markdown table."""
    texts = [text for _, text in documents(count, seed)]
    writers: dict[str, Callable[[str], str | bytes]] = {
        "text": str,
        "markdown": str,
        "html": html,
        "latex": latex,
        "jats": jats,
        "pdf": pdf,
    }
    lines = [
        f"{count:,} documents, median of {passes} passes, processor time of one core",
        "",
        "| format | engine | documents/s | MB/s | kg takes, times this |",
        "|---|---|---:|---:|---:|",
    ]
    for format, write in writers.items():
        sources = [write(text) for text in texts]
        size = sum(len(source if isinstance(source, bytes) else source.encode()) for source in sources)
        chosen = engines(format)
        times: dict[str, list[float]] = {name: [] for name in chosen}
        for engine in chosen.values():
            seconds(engine, sources[:WARM_UP])
        for _ in range(passes):
            for name, engine in chosen.items():
                times[name].append(seconds(engine, sources))
        median = {name: statistics.median(values) for name, values in times.items()}
        for name, value in median.items():
            ratio = median["kg: read"] / value
            lines.append(f"| {format} | {name} | {count / value:,.0f} | {size / value / 1e6:,.2f} | {ratio:,.1f} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.formats", description=__doc__)
    parser.add_argument("-n", type=int, default=300, metavar="DOCUMENTS")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(f"`python -m bench.formats -n {options.n} --passes {options.passes} --seed {options.seed}`: {machine()}")
    print(measure(options.n, options.passes, options.seed))


if __name__ == "__main__":
    main()
