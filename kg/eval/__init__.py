"""Claims against gold -> scores: precision, recall, F1, whether spans and the main model are right, wrong readings asserted.

Relaxed, a claim is right when its relation and value are; strict, its model too, and its stage where the gold has one. Claims that
are derived do not count. Figures over all documents are micro averages; those of relations and documents are means beside them.
"""

from kg.eval._claims import read_claims
from kg.eval._gold import Gold, Negative, read_gold
from kg.eval._json import to_json
from kg.eval._judge import places_of
from kg.eval._same import has_value, same_name
from kg.eval._score import Scores, score, stem_of
from kg.eval._text import as_text, check_breakdown

__all__ = [
    "Gold",
    "Negative",
    "Scores",
    "as_text",
    "check_breakdown",
    "has_value",
    "places_of",
    "read_claims",
    "read_gold",
    "same_name",
    "score",
    "stem_of",
    "to_json",
]
