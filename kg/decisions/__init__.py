"""What people decided about claims and names: the file that holds it, an input of the build.

A decision about a claim is keyed by the words that it is about (`Quote`), so that it outlives edits elsewhere in the report.
"""

from __future__ import annotations

from kg.decisions._agree import joined_names, refuse
from kg.decisions._entry import Decision, Decisions, OfClaim, OfNames, Quote, Statement, claim_id, claims_by_id, numbered, spelled
from kg.decisions._form import kind_of_names, kinds_of_names, problem, relation_problem, reported
from kg.decisions._read import corrected, parsed, read_decisions, text_of
from kg.decisions._text import Folded, cuts, fold, folded, hash_of
from kg.decisions._write import add, remove, with_added, without

__all__ = [
    "Decision",
    "Decisions",
    "Folded",
    "OfClaim",
    "OfNames",
    "Quote",
    "Statement",
    "add",
    "claim_id",
    "claims_by_id",
    "corrected",
    "cuts",
    "fold",
    "folded",
    "hash_of",
    "joined_names",
    "kind_of_names",
    "kinds_of_names",
    "numbered",
    "parsed",
    "problem",
    "read_decisions",
    "refuse",
    "relation_problem",
    "remove",
    "reported",
    "spelled",
    "text_of",
    "with_added",
    "without",
]
