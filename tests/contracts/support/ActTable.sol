// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DeviceKeys} from "./DeviceKeys.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IDeviceRegistry} from "contracts/interfaces/IDeviceRegistry.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "contracts/types/Enums.sol";

/// @title ActTable
/// @notice Every act of every contract, each valid and ready to be sent, with the signatures apart.
abstract contract ActTable is DeviceKeys {
    enum Kind {
        OpenLog,
        OperatorChange,
        Enrolment,
        CloseKey,
        Compromise,
        Calibration,
        Registration,
        Attestation,
        Appointment,
        Removal,
        Recovery,
        Veto,
        Decision
    }

    struct Act {
        Kind kind;
        address target;
        string typeDefinition;
        bytes fields;
        Signer[] signers;
    }

    /// @dev Bring the contracts into the state in which the act is valid, and make it.
    function prepare(Kind kind) internal returns (Act memory) {
        if (kind == Kind.OpenLog) return _openLog();
        if (kind == Kind.OperatorChange) return _operatorChange();
        if (kind == Kind.Enrolment) return _enrolment();
        if (kind == Kind.CloseKey) return _closeKey();
        if (kind == Kind.Compromise) return _compromise();
        if (kind == Kind.Calibration) return _calibration();
        if (kind == Kind.Registration) return _registration();
        if (kind == Kind.Attestation) return _attestation();
        if (kind == Kind.Appointment) return _appointment();
        if (kind == Kind.Removal) return _removal();
        if (kind == Kind.Recovery) return _recovery();
        if (kind == Kind.Veto) return _veto();
        return _decision();
    }

    /// @dev Signatures over the act for the contract `target` on the chain `chainId`.
    function signaturesOn(Act memory act, uint256 chainId, address target)
        internal
        pure
        returns (bytes[] memory signatures)
    {
        bytes32 digest = digestOn(chainId, target, act.typeDefinition, act.fields);
        signatures = new bytes[](act.signers.length);
        for (uint256 i = 0; i < act.signers.length; ++i) {
            signatures[i] = sign(act.signers[i], digest);
        }
    }

    function signaturesOf(Act memory act) internal view returns (bytes[] memory) {
        return signaturesOn(act, block.chainid, act.target);
    }

    function digestOfAct(Act memory act) internal view returns (bytes32) {
        return digestOf(act.target, act.typeDefinition, act.fields);
    }

    /// @dev The call that sends the act with these signatures.
    function callOf(Act memory act, bytes[] memory s) internal view returns (bytes memory) {
        bytes memory fields = act.fields;
        if (act.kind == Kind.OpenLog) {
            ICheckpointRegistry.OpenLog memory opening = abi.decode(fields, (ICheckpointRegistry.OpenLog));
            return abi.encodeCall(checkpoints.openLog, (opening, s[0], s[1], s[2]));
        }
        if (act.kind == Kind.OperatorChange) {
            return abi.encodeCall(
                checkpoints.proposeOperator,
                (abi.decode(fields, (ICheckpointRegistry.OperatorChange)), s[0], s[1])
            );
        }
        if (act.kind == Kind.Enrolment) {
            return
                abi.encodeCall(devices.enrol, (abi.decode(fields, (IDeviceRegistry.Enrolment)), s[0], s[1]));
        }
        if (act.kind == Kind.CloseKey) {
            return abi.encodeCall(devices.close, (abi.decode(fields, (IDeviceRegistry.CloseKey)), s[0]));
        }
        if (act.kind == Kind.Compromise) {
            return
                abi.encodeCall(
                    devices.markCompromised, (abi.decode(fields, (IDeviceRegistry.Compromise)), s[0])
                );
        }
        if (act.kind == Kind.Calibration) {
            return abi.encodeCall(
                devices.calibrate, (abi.decode(fields, (IDeviceRegistry.Calibration)), s[0], s[1])
            );
        }
        return _governanceCallOf(act, s);
    }

    function _governanceCallOf(Act memory act, bytes[] memory s) private view returns (bytes memory) {
        bytes memory fields = act.fields;
        if (act.kind == Kind.Registration) {
            return abi.encodeCall(
                parties.register,
                (abi.decode(fields, (IPartyRegistry.Registration)), s[0], pairOf(s[1], s[2]))
            );
        }
        if (act.kind == Kind.Attestation) {
            return abi.encodeCall(parties.attest, (abi.decode(fields, (IPartyRegistry.Attestation)), s[0]));
        }
        if (act.kind == Kind.Appointment) {
            return
                abi.encodeCall(
                    parties.appoint, (abi.decode(fields, (IPartyRegistry.Appointment)), s[0], s[1])
                );
        }
        if (act.kind == Kind.Removal) {
            return abi.encodeCall(parties.remove, (abi.decode(fields, (IPartyRegistry.Removal)), s[0]));
        }
        if (act.kind == Kind.Recovery) {
            return abi.encodeCall(
                parties.recover, (abi.decode(fields, (IPartyRegistry.Recovery)), pairOf(s[0], s[1]))
            );
        }
        if (act.kind == Kind.Veto) {
            return abi.encodeCall(council.veto, (abi.decode(fields, (ICouncil.Veto)), s[0]));
        }
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (members[0].key, members[1].key);
        return abi.encodeCall(
            council.endorse, (abi.decode(fields, (ICouncil.Decision)), signers, pairOf(s[0], s[1]))
        );
    }

    // --- one maker for each kind

    function _openLog() private view returns (Act memory) {
        ICheckpointRegistry.OpenLog memory act = openLogOf();
        (act.creditCode, act.origin) = (OTHER_CODE, OTHER_ORIGIN);
        (act.initiator, act.approver) = (otherInitiator.key, otherApprover.key);
        Signer[] memory signers = new Signer[](3);
        (signers[0], signers[1], signers[2]) = (otherInitiator, otherApprover, operator);
        return Act(Kind.OpenLog, address(checkpoints), OPEN_LOG, abi.encode(act), signers);
    }

    function _operatorChange() private returns (Act memory) {
        ICheckpointRegistry.OperatorChange memory act = ICheckpointRegistry.OperatorChange(
            ORIGIN, operator.key, makeAddr("next operator"), initiator.key, approver.key, 0, DEADLINE
        );
        return Act(
            Kind.OperatorChange,
            address(checkpoints),
            OPERATOR_CHANGE,
            abi.encode(act),
            _two(initiator, approver)
        );
    }

    function _enrolment() private view returns (Act memory) {
        return Act(
            Kind.Enrolment, address(devices), ENROLMENT, abi.encode(enrolmentOf(0)), _two(initiator, approver)
        );
    }

    function _closeKey() private returns (Act memory) {
        enrol(enrolmentOf(0));
        return Act(Kind.CloseKey, address(devices), CLOSE_KEY, abi.encode(closingOf(7)), _one(approver));
    }

    function _compromise() private returns (Act memory) {
        enrol(enrolmentOf(0));
        return Act(Kind.Compromise, address(devices), COMPROMISE, abi.encode(compromiseOf(7)), _one(approver));
    }

    function _calibration() private view returns (Act memory) {
        return Act(
            Kind.Calibration,
            address(devices),
            CALIBRATION,
            abi.encode(calibrationOf(1, 2)),
            _two(initiator, approver)
        );
    }

    function _registration() private returns (Act memory) {
        Signer memory first = makeSigner("first of a new party");
        Signer memory second = makeSigner("second of a new party");
        Signer[] memory signers = new Signer[](3);
        (signers[0], signers[1], signers[2]) = (registrar, first, second);
        bytes memory fields = abi.encode(registrationOf("91310000MA1K00003X", first, second));
        return Act(Kind.Registration, address(parties), REGISTRATION, fields, signers);
    }

    function _attestation() private returns (Act memory) {
        IPartyRegistry.Attestation memory act = attestationOf(personOf(makeSigner("attested")));
        act.deadline = DEADLINE;
        return Act(Kind.Attestation, address(parties), ATTESTATION, abi.encode(act), _one(registrar));
    }

    function _appointment() private returns (Act memory) {
        Signer memory appointed = makeSigner("appointed");
        attest(appointed);
        return Act(
            Kind.Appointment,
            address(parties),
            APPOINTMENT,
            abi.encode(appointmentOf(appointed, RepresentativeRole.ReadOnly)),
            _two(approver, appointed)
        );
    }

    function _removal() private view returns (Act memory) {
        return Act(Kind.Removal, address(parties), REMOVAL, abi.encode(removalOf(initiator)), _one(approver));
    }

    function _recovery() private returns (Act memory) {
        IPartyRegistry.Recovery memory act;
        Signer memory first = makeSigner("first after recovery");
        Signer memory second = makeSigner("second after recovery");
        act.creditCode = CODE;
        act.deadline = DEADLINE;
        act.seats = registrationOf(CODE, first, second).seats;
        return Act(Kind.Recovery, address(parties), RECOVERY, abi.encode(act), _two(first, second));
    }

    function _veto() private view returns (Act memory) {
        ICouncil.Veto memory act = ICouncil.Veto(keccak256("a decision"), members[3].key, "no", DEADLINE);
        return Act(Kind.Veto, address(council), VETO, abi.encode(act), _one(members[3]));
    }

    function _decision() private view returns (Act memory) {
        ICouncil.Decision memory act = decisionOf(address(parties), "setRegistrar(address,bool)", "");
        act.deadline = DEADLINE;
        return Act(Kind.Decision, address(council), DECISION, abi.encode(act), _two(members[0], members[1]));
    }

    function _one(Signer memory signer) private pure returns (Signer[] memory signers) {
        signers = new Signer[](1);
        signers[0] = signer;
    }

    function _two(Signer memory first, Signer memory second) private pure returns (Signer[] memory signers) {
        signers = new Signer[](2);
        (signers[0], signers[1]) = (first, second);
    }
}
