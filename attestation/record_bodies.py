"""
The types of records the foundation knows, and the class of each one's body.

Source: `docs/formats/records.md`, section 4; `docs/formats/inventory-records.md`;
`docs/formats/sample-records.md`; `docs/formats/case-records.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from attestation.action_bodies import Action
from attestation.case_bodies import (
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
    SiteVisit,
)
from attestation.evidence_bodies import EvidenceQuestion, Manifest
from attestation.key_bodies import (
    CertificateAuthority,
    EpochClosing,
    Equivocation,
    KeyClosing,
    KeyEnrolment,
    Successor,
)
from attestation.plan_bodies import ControlPlan
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    MeterExchange,
    Multiplier,
    SeriesRegistration,
)
from attestation.structure_bodies import Structure

Body: TypeAlias = (
    CertificateAuthority
    | KeyEnrolment
    | KeyClosing
    | EpochClosing
    | Equivocation
    | Successor
    | SeriesRegistration
    | Instrument
    | Multiplier
    | Calibration
    | MeterExchange
    | Gap
    | Correction
    | Structure
    | ControlPlan
    | Laboratory
    | Sample
    | SampleStep
    | LabReport
    | Manifest
    | EvidenceQuestion
    | Finding
    | FindingResponse
    | FindingClosing
    | FindingReopening
    | SiteVisit
    | Action
)

BODY_TYPES: Final[Mapping[str, type[Body]]] = MappingProxyType(
    {body_type.record_type: body_type for body_type in Body.__args__}
)
"""Body class by record type; all are of version 1."""

BODY_VERSION: Final = 1
