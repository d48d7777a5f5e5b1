"""
Errors between the meter and the ledger's ear.

    attestation.errors.Error
    └─ DeviceError                  a device, gateway or broker cannot do its part
       ├─ OutboxFull                no room for another message: measuring stops, nothing is dropped
       ├─ StoreUnavailable          the gateway's own database cannot be read or written
       │  └─ StoreBusy              another process holds it
       ├─ SignerStateError          the signer's state does not allow this signature
       │  ├─ SignerStateMissing     no state for this key, and none may be invented
       │  ├─ SignerStateBehind      the ledger knows later messages of this key than we do
       │  ├─ ForeignMessage         the ledger holds another message of this key at a number of ours
       │  ├─ KeyClosed              the key was rotated away or closed
       │  └─ ClockWentBack          the clock shows a time before the last signature
       ├─ BrokerError               the courier between gateway and ledger
       │  ├─ BrokerMissing          no broker program on this machine
       │  ├─ BrokerUnavailable      no connection at the moment
       │  │  └─ LedgerUnavailable   no answer of the ledger itself, where there is no broker
       │  ├─ BrokerRefused          the broker does not let this certificate in
       │  ├─ WindowFull             as many messages are unacknowledged as may be
       │  └─ SessionTakenOver       another process runs under the same client id
       ├─ EnrolmentError            a device, key or instrument cannot be enrolled so
       │  ├─ TokenError             the PKCS#11 token does not do what was asked
       │  └─ SheetError             a spreadsheet cannot be read as a list of instruments
       └─ MeterError                a meter, or a file of readings, does not give readings
          ├─ MeterUnreadable        no answer, or one that no meter can mean; never a value
          ├─ MappingError           a mapping, register map or station file cannot be used
          ├─ ImportRefused          a file has cells that cannot be imported as its mapping says
          └─ ProtocolError          what came over a field protocol is not what it allows
             ├─ StationRefused      the data logger is unknown, or its password is wrong
             ├─ StationSilent       the data logger is not connected, or does not answer
             └─ RegionEncrypted     a data region is encrypted and no key fits it

`retry` says what a loop may do: try later, never, or stop.
"""

from __future__ import annotations

from attestation.errors import Error, Retry


class DeviceError(Error):
    """A device, a gateway or the broker cannot do its part."""

    code = "device.failed"


class OutboxFull(DeviceError):
    """There is no room for another message; measuring stops until the ledger has caught up."""

    code = "device.outbox_full"
    retry = Retry.LATER


class StoreUnavailable(DeviceError):
    """The gateway's own database cannot be read or written."""

    code = "device.store_unavailable"
    retry = Retry.FATAL


class StoreBusy(StoreUnavailable):
    """Another process holds the gateway's database: two signers of one state would equivocate."""

    code = "device.store_busy"


class SignerStateError(DeviceError):
    """The signer's state does not allow this signature."""

    code = "device.signer_state"
    retry = Retry.FATAL


class SignerStateMissing(SignerStateError):
    """There is no state for this key; epoch 0 is opened at enrolment and never by accident."""

    code = "device.signer_state_missing"


class SignerStateBehind(SignerStateError):
    """The ledger knows later messages of this key than this state does."""

    code = "device.signer_state_behind"


class ForeignMessage(SignerStateError):
    """The ledger holds another message at a number we signed: somebody else has this key."""

    code = "device.foreign_message"


class KeyClosed(SignerStateError):
    """The key was rotated away or closed; it signs nothing more."""

    code = "device.key_closed"


class ClockWentBack(SignerStateError):
    """The clock shows a time well before the last signature."""

    code = "device.clock_went_back"
    retry = Retry.LATER


class BrokerError(DeviceError):
    """The courier between gateway and ledger does not work."""

    code = "device.broker"


class BrokerMissing(BrokerError):
    """There is no broker program on this machine."""

    code = "device.broker_missing"
    retry = Retry.FATAL


class BrokerUnavailable(BrokerError):
    """There is no connection to the broker at the moment."""

    code = "device.broker_unavailable"
    retry = Retry.LATER


class LedgerUnavailable(BrokerUnavailable):
    """The ledger's own address does not answer at the moment."""

    code = "device.ledger_unavailable"


class BrokerRefused(BrokerError):
    """The broker does not let this certificate in."""

    code = "device.broker_refused"


class WindowFull(BrokerError):
    """As many messages wait for the broker's acknowledgement as may."""

    code = "device.window_full"
    retry = Retry.LATER


class SessionTakenOver(BrokerError):
    """Another process connected under the same client id; one slot has one process."""

    code = "device.session_taken_over"
    retry = Retry.FATAL


class EnrolmentError(DeviceError):
    """A device, key or instrument cannot be enrolled so."""

    code = "device.enrolment"


class TokenError(EnrolmentError):
    """The PKCS#11 token does not do what was asked of it."""

    code = "device.token"


class SheetError(EnrolmentError):
    """A spreadsheet cannot be read as a list of instruments."""

    code = "device.sheet"


class MeterError(DeviceError):
    """A meter, or a file of readings, does not give readings."""

    code = "device.meter"


class MeterUnreadable(MeterError):
    """A meter did not answer in time, or gave something no meter can mean; it carries no value."""

    code = "device.meter_unreadable"
    retry = Retry.LATER


class MappingError(MeterError):
    """A file that says how to read a meter is wrong; the message says where, and what to write."""

    code = "device.mapping"


class ImportRefused(MeterError):
    """A file has cells that cannot be imported, and the caller asked for all or nothing."""

    code = "device.import_refused"


class ProtocolError(MeterError):
    """Bytes of a field protocol do not say what the protocol allows."""

    code = "device.protocol"


class StationRefused(ProtocolError):
    """A data logger is not registered here, or does not know its password."""

    code = "device.station_refused"


class StationSilent(ProtocolError):
    """A data logger is not connected, or did not answer a command in time."""

    code = "device.station_silent"
    retry = Retry.LATER


class RegionEncrypted(ProtocolError):
    """A data region is encrypted, and there is no key, or the key there is does not fit."""

    code = "device.region_encrypted"
