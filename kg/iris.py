"""Where things stand below the base IRI: the runs and hardware of a model, claims, derived facts."""

from __future__ import annotations

from hashlib import sha256

from kg.model import Claim
from kg.terms import path


def run_iri(base: str, model: str, stage: str | None) -> str:
    """Return the IRI of a model's training in a stage, or of the whole of it.

    >>> run_iri("https://w3id.org/kg/", "https://w3id.org/kg/model/kestrel-7b", "pretraining")
    'https://w3id.org/kg/run/kestrel-7b/pretraining'
    """
    return f"{base}run/{_part(base, model, stage)}"


def hardware_iri(base: str, model: str, stage: str | None) -> str:
    """Return the IRI of the hardware that a model's training in a stage, or the whole of it, ran on."""
    return f"{base}hardware/{_part(base, model, stage)}"


def subject_iri(base: str, model: str, stage: str | None, domain: str) -> str:
    """Return the IRI that a relation of a domain (Model, TrainingRun, HardwareConfig) hangs on."""
    if domain == "Model":
        return model
    return run_iri(base, model, stage) if domain == "TrainingRun" else hardware_iri(base, model, stage)


def claim_iri(base: str, claim: Claim) -> str:
    """Return the IRI of a claim."""
    said = (claim.model, claim.stage, claim.value, claim.value_max, claim.unit, claim.approximate)
    digest = sha256(repr(said).encode()).hexdigest()[:8]
    return f"{base}claim/{path(claim.report)}/{claim.start}-{claim.end}-{claim.relation}-{digest}"


def report_iri(base: str, report: str) -> str:
    """Return the IRI of a report."""
    return f"{base}report/{path(report)}"


def _part(base: str, model: str, stage: str | None) -> str:
    part = model.removeprefix(f"{base}model/")
    return f"{part}/{stage}" if stage else part
