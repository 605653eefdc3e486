"""Graphs and shapes -> findings, with the standard's report beside them (SHACL Core). The only user of SHACL engines.

Claims and the text they point into stay outside of what SHACL sees: a report is checked by its facts alone, and the spans of a
finding come from the claims afterwards.
"""

from kg.validate.run import Graph, Validation, validate, validate_file
from kg.validate.shapes import ShapesGraph, load_shapes

__all__ = ["Graph", "ShapesGraph", "Validation", "load_shapes", "validate", "validate_file"]
