"""Reports for tests of Spark: the seeds, JSON lines and a table with everything that numbering has to get right."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

from tests.command import SEEDS

TEXTS = [
    f"Kestrel-{size}B was trained on {8 * size} NVIDIA A100 GPUs for {size} days. Its license is MIT. "
    f"Kestrel-{size}B extends LLaMA-7B. We pre-train it on LAION-{size}B and CC3M with a global batch size of {128 * size}."
    for size in range(2, 14)
]


def write_corpus(folder: Path) -> Path:
    """Write the corpus, with a hidden file that has to be named.

    The second entry of the lines is blank, others have no key, one of another, or cannot be read.
    """
    import pyarrow  # type: ignore[import-untyped]  # it ships no types
    from pyarrow import parquet

    folder.mkdir()
    (folder / ".hidden.txt").write_text(TEXTS[1])
    for seed in sorted(SEEDS.iterdir())[:2]:
        (folder / seed.name).write_bytes(seed.read_bytes())
    (folder / "_hidden from Spark.txt").write_text(TEXTS[0])
    (folder / "binary.txt").write_bytes(b"\0\0\0")
    entries = [
        {"id": "one", "text": TEXTS[1]},
        None,
        {"text": TEXTS[2]},
        {"id": "one", "text": TEXTS[3]},
        {"id": "7", "text": TEXTS[4]},
        {"id": "one@8", "text": TEXTS[5]},
        {"text": TEXTS[6]},
        {"id": "one", "text": TEXTS[7]},
        {"id": "half \ud800", "text": f"{TEXTS[8]} Half a pair: \ud800."},
        {"id": "empty", "text": ""},
    ]
    lines = [b"" if entry is None else json.dumps(entry).encode() for entry in entries]
    (folder / "lines [1].jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([*lines, b"no JSON", b"\xff\xfe"]) + b"\n")
    (folder / "wide.ndjson").write_bytes('{"text": "a"}\n{"text": "b"}\n'.encode("utf-16"))
    (folder / "nothing.jsonl").write_bytes(b"\n\n")
    table = pyarrow.table({"id": ["p", "q", "p"], "Model.Card": ["", None, "x"], "Text": TEXTS[9:]})
    parquet.write_table(table, folder / "table.parquet", row_group_size=2)
    _write_odd_tables(folder)
    _write_archive(folder / "archive.tar")
    with gzip.open(folder / "packed.jsonl.gz", "wt") as file:
        file.write(json.dumps({"id": "packed", "text": TEXTS[0]}))
    return folder


def _write_archive(path: Path) -> None:
    """Write an archive with a report, one that cannot be read, and a picture, which is passed over."""
    with tarfile.open(path, "w") as archive:
        for name, content in (("report.txt", TEXTS[3].encode()), ("binary.txt", b"\0\0\0"), ("picture.png", b"\x89PNG")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _write_odd_tables(folder: Path) -> None:
    """Write tables of which each would end the reading of all, or make something else of another."""
    import pyarrow
    from pyarrow import parquet

    (folder / "broken.parquet").write_bytes(b"PAR1 this is no table")
    parquet.write_table(pyarrow.table({"id": [1, 2], "loss": [0.5, 0.25]}), folder / "no text.parquet")
    # Another type of a column that `table.parquet` has, and two names that differ by case alone.
    columns = {"id": [1, 2], "body": [TEXTS[0], TEXTS[1]], "Body": ["", ""]}
    parquet.write_table(pyarrow.table(columns), folder / "other.parquet")
    times = pyarrow.array([1], pyarrow.time32("s"))  # a type that Spark does not know
    parquet.write_table(pyarrow.table({"text": [TEXTS[2]], "date": times}), folder / "times.parquet")
    parquet.write_table(pyarrow.table({"text": TEXTS[:4]}), folder / "torn.parquet", row_group_size=2, compression="none")
    torn = (folder / "torn.parquet").read_bytes()
    at = torn.index(TEXTS[2].encode()) - 60  # the header of the second group's page
    (folder / "torn.parquet").write_bytes(torn[:at] + b"\xff" * 50 + torn[at + 50 :])
