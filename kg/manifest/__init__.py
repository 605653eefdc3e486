"""What a build is made from and with: inputs and their hashes, the versions of all that decides about facts.

Equal manifests mean equal builds; no clock, no path of the machine. A manifest is written, and read, without all of its inputs in
memory.
"""

from __future__ import annotations

from kg.manifest._fingerprint import fingerprint
from kg.manifest._read import Change, Inputs, Manifest, changes, counts_in, inputs_named, read
from kg.manifest._sources import (
    DECIDED,
    Sources,
    decided_version,
    failures,
    libraries,
    reading_versions,
    sources,
    unasked,
    versions,
)
from kg.manifest._write import InputsPart, ManifestFile, build_id, part_of_inputs

__all__ = [
    "DECIDED",
    "Change",
    "Inputs",
    "InputsPart",
    "Manifest",
    "ManifestFile",
    "Sources",
    "build_id",
    "changes",
    "counts_in",
    "decided_version",
    "failures",
    "fingerprint",
    "inputs_named",
    "libraries",
    "part_of_inputs",
    "read",
    "reading_versions",
    "sources",
    "unasked",
    "versions",
]
