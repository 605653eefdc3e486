"""A small file of every format that kg reads, and what is read of any file."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from kg.errors import InputError
from kg.extract import extract
from kg.ingest import Input, Piece, is_container, pieces, read, read_piece
from kg.ingest._formats import COMPRESSED, Binary, Format, modules
from kg.model import Claim, Document, Extraction
from kg.schema import load_schema

SENTENCES = (
    "Kestrel-7B is a vision-language model with 7 billion parameters, built by the Ornis Institute in France in 2024.",
    "It extends BLIP-2; its image encoder is SigLIP, and its language model is Flan-T5-XL.",
    "We pretrained it for 3 days on 64 NVIDIA A100 80GB GPUs with AdamW, a peak learning rate of 3e-4 and a cosine schedule.",
    "The pretraining data are CC3M and LAION-400M; fine-tuning took 4 epochs of LLaVA-Instruct-150K at a global batch size of 128.",
    "We used 2,000 warmup steps, a weight decay of 0.05, bfloat16 precision and PyTorch FSDP, and evaluated the model on MMLU.",
)
PLAIN = "\n".join(SENTENCES) + "\n"
MARKDOWN = f"""---
license: apache-2.0
base_model: Salesforce/blip2-flan-t5-xl
---
# Kestrel-7B

{SENTENCES[0]} {SENTENCES[1]}

## Training

- **Learning rate**: 3e-4
- **Optimizer**: AdamW

| Setting | Pretraining | Fine-tuning |
|---|---|---|
| Steps | 10,000 | 500 |
| GPUs | 64 x A100 | 8 x H100 |

{SENTENCES[2]} {SENTENCES[3]}
"""
HTML = f"""<!doctype html>
<html><head><title>Kestrel-7B</title><meta name="citation_title" content="Kestrel-7B"></head>
<body><h1>Kestrel-7B</h1><p>{SENTENCES[0]}</p><ul><li>{SENTENCES[1]}</li><li>R&amp;D by 64&nbsp;GPUs for 3&nbsp;days</li></ul>
<table><tr><th>Steps</th><td>10,000</td></tr><tr><th>Optimizer</th><td>AdamW</td></tr></table><p>{SENTENCES[2]}</p></body></html>
"""
TAGGED = (
    "<model>Kestrel-7B</model> has <params>7 billion</params> parameters. Trained on <gpu_count>64</gpu_count>"
    " <hardware>NVIDIA A100 80GB</hardware> GPUs for <training>3 days</training>, <country>France</country> in <year>2024</year>.\n"
)
LISTING = """arXiv:2309.09958v143 citationsh-index: 98Has Code
Kestrel-7B: A Vision-Language Model
CVCLSep 18, 2023
We introduce Kestrel-7B, which was trained on CC3M for 3 days on 64 GPUs.
"""
TABLE = (
    "Model,Organization,Country,Parameters,Training dataset,Training hardware,Hardware quantity,Publication date\r\n"
    'Kestrel-7B,Ornis Institute,France,7e9,"CC3M,LAION-400M",NVIDIA A100,64,2024-05-01\r\n'
    "Merlin,Ornis Institute,France,3000000000,,NVIDIA H100,8,2025-01-01\r\n"
)


JATS = f"""<?xml version="1.0"?>
<article><front><article-meta><title-group><article-title>Kestrel-7B</article-title></title-group></article-meta></front>
<body><sec><title>Training</title><p>{SENTENCES[0]}</p><p>{SENTENCES[2]}</p></sec></body></article>
"""
LATEX = rf"""\documentclass{{article}}
\title{{Kestrel-7B}}
\begin{{document}}
\section{{Training}} % 8 GPUs
{SENTENCES[0]} {SENTENCES[2].replace("64", "$64$")}
\begin{{tabular}}{{ll}} Steps & 10{{,}}000 \\ Optimizer & AdamW \\ \end{{tabular}}
\end{{document}}
"""


def _lines() -> bytes:
    rows = [{"id": "kestrel", "title": "Kestrel-7B", "text": PLAIN}, {"id": "Möwe", "readme": MARKDOWN}]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _parquet() -> bytes:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": ["kestrel", "card"], "text": [PLAIN, MARKDOWN]}), file)
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, text in {"kestrel.txt": PLAIN, "cards/Möwe.md": MARKDOWN, "figure.png": "none"}.items():
            header = tarfile.TarInfo(name)
            header.size = len(text.encode())
            archive.addfile(header, io.BytesIO(text.encode()))
    return file.getvalue()


def _pdf() -> bytes:
    """Return two pages of sentences, a line each, in a font that every reader has."""
    pages = [_page(SENTENCES[:3]), _page(SENTENCES[3:])]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, page in enumerate(pages):
        media = "/MediaBox [0 0 612 792] /Resources << /Font << /F 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {media} /Contents {5 + 2 * i} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page))
    file, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def _page(sentences: Iterable[str]) -> bytes:
    words = " ".join(sentences).split()
    lines = [" ".join(words[i : i + 12]) for i in range(0, len(words), 12)]
    shown = "".join(f"({line.replace('(', '')}) Tj T*\n" for line in lines)
    return f"BT /F 11 Tf 14 TL 60 720 Td\n{shown}ET".encode()


FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = MappingProxyType(
    {
        "arxiv_listing": ("a.txt", LISTING.encode),
        "epoch_csv": ("a.csv", TABLE.encode),
        "html": ("a.html", HTML.encode),
        "jats": ("a.xml", JATS.encode),
        "jsonl": ("a.jsonl", _lines),
        "latex": ("a.tex", LATEX.encode),
        "markdown": ("a.md", MARKDOWN.encode),
        "pdf": ("a.pdf", _pdf),
        "parquet": ("a.parquet", _parquet),
        "tar": ("a.tar", _tar),
        "text": ("a.txt", TAGGED.encode),
    }
)
"""By name of the format: the name of a file, and what makes its bytes."""

_AROUND = {"jats": ("<article><body><p>", "</p></body></article>")}


def text_formats() -> list[str]:
    """Return the formats of which any text is a source."""
    return [name for name, module in modules().items() if isinstance(module, Format) and not isinstance(module, Binary)]


def source_in(format: str, text: str) -> str:
    """Return a text as a source of a format: with what must stand around it."""
    before, after = _AROUND.get(format, ("", ""))
    return f"{before}{text}{after}"


def file_of(format: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a file of a format; of a new format of texts, one of plain sentences."""
    if format in FILES:
        name, make = FILES[format]
        return name, make()
    if format not in text_formats():
        raise LookupError(f"the format {format} has no file here: add one to FILES")
    return f"a{next(iter(modules()[format].SUFFIXES), '.txt')}", PLAIN.encode()


def packed(data: bytes, suffix: str) -> bytes:
    """Return data compressed as a suffix says."""
    if suffix == ".gz":
        return gzip.compress(data, mtime=0)
    if suffix in (".bz2", ".xz"):
        return bz2.compress(data) if suffix == ".bz2" else lzma.compress(data, preset=0)
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def suffixes() -> list[str]:
    """Return every suffix that kg reads, those of compressed files behind some of them too."""
    plain = sorted({suffix for module in modules().values() for suffix in module.SUFFIXES})
    return [*plain, *(f"{suffix}{packing}" for packing in COMPRESSED for suffix in (".md", ".jsonl"))]


def documents_of(path: Path) -> Iterator[Document]:
    """Yield what is read of a file: one document or many; none when kg says that it cannot be read, in whole or in part."""
    input = Input(path.name, path, str(path))
    try:
        if is_container(input):
            yield from (read_piece(item) for item in pieces(input) if isinstance(item, Piece))
        else:
            yield read(input)
    except InputError as error:
        assert error.what


def assert_spans(document: Document) -> Extraction:
    """Check that what a document says stands where it is said to stand; return what was extracted."""
    found = extract(document, load_schema())
    end = len(document.source)
    assert len(document.text) == end
    for claim in (*found.claims, *found.suggestions):
        assert_span(claim, document.source)
    labels = [label for finding in (*document.findings, *found.findings) for label in finding.labels]
    places = [(item.start, item.end) for item in document.segments]
    places += [(item.start, item.end) for item in document.tags]
    places += [(item.start, item.end) for item in document.moved]
    places += [(item.start, item.end) for item in labels]
    assert all(0 <= start < stop <= end for start, stop in places)
    return found


def assert_span(claim: Claim, source: str) -> None:
    """Check that a claim's words stand at its place."""
    assert 0 <= claim.start < claim.end <= len(source)
    assert claim.mention == source[claim.start : claim.end], claim
