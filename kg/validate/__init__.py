"""Graphs and shapes -> findings, with the standard's report beside them (SHACL Core and SPARQL). The only user of SHACL engines.

Claims and the text they point into stay outside of what SHACL sees: a report is checked by its facts alone, and the spans of a
finding come from the claims afterwards.
"""

from kg.validate.report import SYNTAXES, selected, written
from kg.validate.run import Graph, Validation, validate, validate_file
from kg.validate.shapes import ShapesGraph, codes_of, load_shapes

__all__ = [
    "SYNTAXES",
    "Graph",
    "ShapesGraph",
    "Validation",
    "codes_of",
    "load_shapes",
    "selected",
    "validate",
    "validate_file",
    "written",
]
