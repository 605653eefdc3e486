"""PDFs made for tests: lines drawn at places, on letter paper (612 by 792 points), the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pdfencrypt import StandardEncryption  # type: ignore[import-untyped]  # it ships no types
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

Draw = Callable[[Canvas], None]
LEADING = 12


def printed(*pages: Draw, locked: bool = False) -> bytes:
    """Return a PDF with these pages; one that is locked asks for a password."""
    file = io.BytesIO()
    lock = StandardEncryption("a password") if locked else None
    canvas = Canvas(file, pagesize=(612, 792), invariant=1, encrypt=lock)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def lines(words: Sequence[str], x: float = 72, y: float = 700, size: float = 10, font: str = "Times-Roman") -> Draw:
    """Return what draws lines below each other from a place on."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for at, line in enumerate(words):
            canvas.drawString(x, y - at * LEADING, line)

    return draw


def together(*draws: Draw) -> Draw:
    """Return what draws several things on one page, in this order."""

    def draw(canvas: Canvas) -> None:
        for each in draws:
            each(canvas)

    return draw


def row(cells: Sequence[str], places: Sequence[float], y: float, size: float = 10) -> Draw:
    """Return what draws the cells of a table's row at places of their own."""
    return together(*(lines([cell], x, y, size) for cell, x in zip(cells, places, strict=True)))


def justified(words: Sequence[str], x: float, y: float, width: float, size: float = 10) -> Draw:
    """Return what draws lines as wide as a column."""

    def draw(canvas: Canvas) -> None:
        for at, line in enumerate(words):
            text = canvas.beginText(x, y - at * LEADING)
            text.setFont("Times-Roman", size)
            gaps = line.count(" ")
            text.setWordSpace((width - canvas.stringWidth(line, "Times-Roman", size)) / gaps if gaps else 0)
            text.textOut(line)
            canvas.drawText(text)

    return draw


def raised(parts: Sequence[tuple[str, float]], x: float = 72, y: float = 700) -> Draw:
    """Return what draws a line in parts, each with its rise; those that rise or sink are smaller."""

    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(x, y)
        for words, rise in parts:
            text.setFont("Times-Roman", 7 if rise else 10)
            text.setRise(rise)
            text.textOut(words)
        canvas.drawText(text)

    return draw
