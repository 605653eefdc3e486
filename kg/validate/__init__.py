"""Graphs and shapes -> findings, with the standard's report beside them (SHACL Core and SPARQL). The only user of SHACL engines.

Claims and the text they point into stay outside of what SHACL sees: a report is checked by its facts alone, and the spans of a
finding come from the claims afterwards.
"""

from kg.validate.batch import BATCH, BATCH_ONE_BY_ONE, Checked, Entry, Graph, by_reference, check_batch, disagreement, entry
from kg.validate.report import SYNTAXES, selected, written
from kg.validate.run import Validation, validate, validate_file
from kg.validate.shapes import ShapesGraph, codes_of, load_shapes

__all__ = [
    "BATCH",
    "BATCH_ONE_BY_ONE",
    "SYNTAXES",
    "Checked",
    "Entry",
    "Graph",
    "ShapesGraph",
    "Validation",
    "by_reference",
    "check_batch",
    "codes_of",
    "disagreement",
    "entry",
    "load_shapes",
    "selected",
    "validate",
    "validate_file",
    "written",
]
