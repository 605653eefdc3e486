"""Reports that pages are tested with: one that attacks its reader, two that contradict each other, one of several parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

EVIL_ID = '<img src=x onerror=alert(1)> "quoted" שלום 🦜.txt'
EVIL_NAME = '<script>alert("x")</script> שלום 🦜-7B'
EVIL = """<model>&lt;script&gt;alert("x")&lt;/script&gt; שלום 🦜-7B</model> is a model of <params>7 billion</params> parameters.

It was trained for 12 days on 64 NVIDIA A100 80GB GPUs, with AdamW and a peak learning rate of 1e-4. \u202eThis is turned.\u202c
<script>document.title = "hacked"</script><img src=x onerror="alert(1)"> 'single' "double" &amp; &lt;b&gt;
שלום עולם: המודל אומן 2000 warmup steps, \x1b[31mred\x07. 🦜🦜 The batch size was 1024. It builds on LLaMA-2 and CLIP, and
its training data is LAION-2B<br>.
"""

FIRST_ID, SECOND_ID = "kestrel-first.txt", "kestrel-second.txt"
FIRST = """# Kestrel-7B

Kestrel-7B is a model of 7 billion parameters, released in 2023 in France. It builds on LLaMA-2. Pretraining on CC3M and LAION-2B
took 21 days on 64 NVIDIA A100 80GB GPUs, with AdamW, a peak learning rate of 1e-4 and 2000 warmup steps.
"""
SECOND = """Kestrel-7B is a model of 9 billion parameters, released in 2023 in Germany.
It was trained for 35 days on 128 NVIDIA A100 80GB GPUs, with AdamW and a peak learning rate of 3e-4.
"""

LONG_ID = "long.md"
_FILLING = "The weather above the bay was fine, and the gulls went about their business. "
LONG = f"""# Gannet-3B

Gannet-3B is a model of 3 billion parameters.

{(_FILLING * 60 + chr(10) + chr(10)) * 14}
Gannet-3B was trained for 9 days on 32 NVIDIA A100 80GB GPUs.
"""

PLANTED: Mapping[str, str] = {EVIL_ID: EVIL, FIRST_ID: FIRST, SECOND_ID: SECOND, LONG_ID: LONG}


def plant(folder: Path) -> Path:
    """Write the reports into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for id, text in PLANTED.items():
        (folder / id).write_text(text, encoding="utf-8")
    return folder
