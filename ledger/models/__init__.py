"""
The tables of the ledger; importing this package fills the metadata that migrations compare with.
"""

from ledger.models.access import (
    AccessReadRow,
    LoginBindingRow,
    LoginSecretRow,
    MachineKeyRow,
    SessionRow,
    UsedSignatureRow,
)
from ledger.models.actions import (
    ActionChangeRow,
    ActionEntryRow,
    ActionPendingRow,
    ActionRow,
)
from ledger.models.agreed import (
    ChainActRow,
    ChainInventoryRow,
    ChainVersionRow,
    DrawStepRow,
    EvidenceBindingRow,
)
from ledger.models.alerts import AlertChangeRow, AlertRow, InspectionRow
from ledger.models.answers import DeliveryRow, EpochAdmissionRow, ReceiptProgressRow
from ledger.models.base import Model
from ledger.models.cases import CaseApprovalRow, CaseCommentRow, CaseTickRow
from ledger.models.chain import (
    AnchorRow,
    ChainCursorRow,
    KeySlotRow,
    OutboxRow,
    PartyRow,
    RepresentativeRow,
)
from ledger.models.credentials import (
    ConflictOfInterestRow,
    CredentialRow,
    PartyGroupRow,
    RotationRuleRow,
    VerificationYearRow,
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
from ledger.models.disclosures import DisclosureOpeningRow, DisclosureRow, ReportBodyRow
from ledger.models.documents import DocumentRow, EvidenceDraftRow
from ledger.models.events import EventRow
from ledger.models.inventory import CalculationRow, InventoryVersionRow
from ledger.models.leaving import EarlierActionsRow
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
from ledger.models.notices import (
    MailAddressRow,
    MailRow,
    NoticeReadRow,
    NoticeRow,
)
from ledger.models.operations import OperationRow
from ledger.models.persons import PersonDetailRow
from ledger.models.requests import RequestKeyRow, ServerSecretRow
from ledger.models.search import (
    SavedQueryRow,
    SearchCursorRow,
    SearchItemRow,
    SearchWordRow,
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
from ledger.models.webhooks import WebhookCallRow, WebhookRow, WebhookSecretRow

__all__ = [
    "AccessReadRow",
    "ActionChangeRow",
    "ActionEntryRow",
    "ActionPendingRow",
    "ActionRow",
    "AlertChangeRow",
    "AlertRow",
    "AnchorRow",
    "CalculationRow",
    "CaseApprovalRow",
    "CaseCommentRow",
    "CaseTickRow",
    "CertificateAuthorityRow",
    "ChainActRow",
    "ChainCursorRow",
    "ChainInventoryRow",
    "ChainVersionRow",
    "CheckpointRow",
    "ConflictOfInterestRow",
    "ConflictRow",
    "CorrectionRow",
    "CosignatureRow",
    "CredentialRow",
    "DeliveryRow",
    "DeviceKeyRow",
    "DigestDocumentRow",
    "DisclosureOpeningRow",
    "DisclosureRow",
    "DocumentRow",
    "DrawStepRow",
    "EarlierActionsRow",
    "EntryRow",
    "EpochAdmissionRow",
    "EpochProgressRow",
    "EpochSuccessionRow",
    "EquivocationRow",
    "EventRow",
    "EvidenceBindingRow",
    "EvidenceDraftRow",
    "GapDeclarationRow",
    "HeadRow",
    "InspectionRow",
    "IntervalGapRow",
    "InventoryVersionRow",
    "KeySeriesRow",
    "KeySlotRow",
    "LogRow",
    "LoginBindingRow",
    "LoginSecretRow",
    "MachineKeyRow",
    "MailAddressRow",
    "MailRow",
    "MessageKeyRow",
    "MessageMarkRow",
    "MessageRow",
    "Model",
    "NoticeReadRow",
    "NoticeRow",
    "OperationRow",
    "OutboxRow",
    "PartyGroupRow",
    "PartyRow",
    "PersonDetailRow",
    "ReadModelRow",
    "RebuildingRow",
    "ReceiptProgressRow",
    "RecordKeyRow",
    "RefusalRow",
    "RegistrationRow",
    "ReportBodyRow",
    "RepresentativeRow",
    "RequestKeyRow",
    "RotationRuleRow",
    "SavedQueryRow",
    "SearchCursorRow",
    "SearchItemRow",
    "SearchWordRow",
    "SequenceGapRow",
    "SeriesProgressRow",
    "SeriesRow",
    "ServerSecretRow",
    "SessionRow",
    "SpanRow",
    "StatedRecordRow",
    "SurveyCursorRow",
    "TileRow",
    "UsedSignatureRow",
    "VerificationYearRow",
    "WebhookCallRow",
    "WebhookRow",
    "WebhookSecretRow",
]
