"""
The tables of the ledger; importing this package fills the metadata that migrations compare with.
"""

from ledger.models.answers import DeliveryRow, EpochAdmissionRow, ReceiptProgressRow
from ledger.models.base import Model
from ledger.models.chain import (
    AnchorRow,
    ChainCursorRow,
    KeySlotRow,
    OutboxRow,
    PartyRow,
    RepresentativeRow,
)
from ledger.models.devices import (
    CertificateAuthorityRow,
    DeviceKeyRow,
    EpochSuccessionRow,
    KeySeriesRow,
    ReadModelRow,
    RegistrationRow,
    SeriesRow,
)
from ledger.models.documents import DocumentRow, EvidenceDraftRow
from ledger.models.events import EventRow
from ledger.models.inventory import CalculationRow, InventoryVersionRow
from ledger.models.log import (
    CheckpointRow,
    CosignatureRow,
    EntryRow,
    EquivocationRow,
    HeadRow,
    LogRow,
    MessageKeyRow,
    MessageRow,
    RebuildingRow,
    RecordKeyRow,
    RefusalRow,
    TileRow,
)
from ledger.models.stated import DigestDocumentRow, StatedRecordRow
from ledger.models.survey import (
    ConflictRow,
    CorrectionRow,
    EpochProgressRow,
    GapDeclarationRow,
    IntervalGapRow,
    MessageMarkRow,
    SequenceGapRow,
    SeriesProgressRow,
    SpanRow,
    SurveyCursorRow,
)

__all__ = [
    "AnchorRow",
    "CalculationRow",
    "CertificateAuthorityRow",
    "ChainCursorRow",
    "CheckpointRow",
    "ConflictRow",
    "CorrectionRow",
    "CosignatureRow",
    "DeliveryRow",
    "DeviceKeyRow",
    "DigestDocumentRow",
    "DocumentRow",
    "EntryRow",
    "EpochAdmissionRow",
    "EpochProgressRow",
    "EpochSuccessionRow",
    "EquivocationRow",
    "EventRow",
    "EvidenceDraftRow",
    "GapDeclarationRow",
    "HeadRow",
    "IntervalGapRow",
    "InventoryVersionRow",
    "KeySeriesRow",
    "KeySlotRow",
    "LogRow",
    "MessageKeyRow",
    "MessageMarkRow",
    "MessageRow",
    "Model",
    "OutboxRow",
    "PartyRow",
    "ReadModelRow",
    "RebuildingRow",
    "ReceiptProgressRow",
    "RecordKeyRow",
    "RefusalRow",
    "RegistrationRow",
    "RepresentativeRow",
    "SequenceGapRow",
    "SeriesProgressRow",
    "SeriesRow",
    "SpanRow",
    "StatedRecordRow",
    "SurveyCursorRow",
    "TileRow",
]
