"""What is asked of models and no report states: scores against a profile, thresholds of compute, and gaps as findings (KG2xx).

In: what reports say of models (`kg.runs`), derived facts, suggestions, what could not be read. Out: answers, scores, groups,
findings.
"""

from __future__ import annotations

from kg.gaps.answers import Answer, Score, State, answers, score
from kg.gaps.compute import Compute, Verdict, compute_of, verdict
from kg.gaps.findings import gap_findings
from kg.gaps.groups import By, Group, groups
from kg.gaps.profile import Asked, Profile, Source, Threshold, load_profile, profiles
from kg.gaps.told import Told, told

__all__ = [
    "Answer",
    "Asked",
    "By",
    "Compute",
    "Group",
    "Profile",
    "Score",
    "Source",
    "State",
    "Threshold",
    "Told",
    "Verdict",
    "answers",
    "compute_of",
    "gap_findings",
    "groups",
    "load_profile",
    "profiles",
    "score",
    "told",
    "verdict",
]
