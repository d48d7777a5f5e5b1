// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Governed} from "../governance/Governed.sol";
import {IFactorBook} from "../interfaces/IFactorBook.sol";
import {IRule, Outcome} from "../interfaces/IRule.sol";
import {FactorUse, IRuleBook, RulePublication, RuleRecord} from "../interfaces/IRuleBook.sol";
import {Standing, Standings} from "../libraries/Standings.sol";
import {RoundingProfile, RuleStatus} from "../types/Enums.sol";

/// @title RuleBook
/// @notice See the documentation in {IRuleBook}.
contract RuleBook is IRuleBook, Governed {
    using SafeCast for uint256;
    using Standings for Standing;

    bytes32 private constant RULE_TYPEHASH = keccak256(
        "Rule(bytes32 ruleId,uint32 version,bytes32 codeHash,bytes32[] factorIds,bytes inputs,bytes32 salt)"
    );
    uint256 private constant WORD = 32;

    IFactorBook private immutable _factors;

    mapping(bytes32 ruleId => mapping(uint32 version => RuleRecord)) private _rules;
    /// @dev A rule has a few versions, and only the Council adds one: they may be searched.
    mapping(bytes32 ruleId => uint32[] versions) private _versions;

    constructor(address authority_, IFactorBook factors) Governed(authority_) {
        _factors = factors;
    }

    /// @inheritdoc IRuleBook
    function publish(RulePublication[] calldata publications) external restricted {
        for (uint256 i = 0; i < publications.length; ++i) {
            _publish(publications[i]);
        }
    }

    /// @inheritdoc IRuleBook
    function setStatus(
        string calldata name,
        uint32 version,
        RuleStatus status,
        uint16 fromYear,
        string calldata reason
    ) external restricted {
        RuleRecord storage record = _known(name, version);

        record.standing.record(status, fromYear);
        _requireAlone(name, version, record);
        emit RuleStatusSet(ruleIdOf(name), version, status, fromYear, reason);
    }

    /// @inheritdoc IRuleBook
    function ruleFor(string calldata name, uint16 reportYear) external view returns (uint32) {
        bytes32 ruleId = ruleIdOf(name);
        uint32[] storage versions = _versions[ruleId];
        for (uint256 i = 0; i < versions.length; ++i) {
            if (_rules[ruleId][versions[i]].standing.isInForce(reportYear)) return versions[i];
        }
        revert RuleBook_NoneInForce(name, reportYear);
    }

    /// @inheritdoc IRuleBook
    function entry(string calldata name, uint32 version) external view returns (RuleRecord memory) {
        return _known(name, version);
    }

    /// @inheritdoc IRuleBook
    function versionsOf(string calldata name) external view returns (uint32[] memory) {
        return _versions[ruleIdOf(name)];
    }

    /// @inheritdoc IRuleBook
    function statusOf(string calldata name, uint32 version, uint16 reportYear)
        public
        view
        returns (RuleStatus)
    {
        return _known(name, version).standing.statusFor(reportYear, block.timestamp.toUint64());
    }

    /// @inheritdoc IRuleBook
    function run(
        string calldata name,
        uint32 version,
        bytes calldata inputs,
        RoundingProfile profile,
        FactorUse[] calldata uses,
        uint16 reportYear,
        bool isFinal
    ) external view returns (Outcome memory) {
        if (isFinal) _requireFinal(name, version, reportYear);
        for (uint256 i = 0; i < uses.length; ++i) {
            _requireValue(i, uses[i], inputs);
            if (isFinal) _factors.requireFinal(uses[i].factorId, reportYear);
        }
        return _unchanged(name, version).evaluate(inputs, profile);
    }

    /// @inheritdoc IRuleBook
    function ruleIdOf(string calldata name) public pure returns (bytes32) {
        return keccak256(abi.encode("rule", name));
    }

    /// @inheritdoc IRuleBook
    function inputsHash(
        bytes32 ruleId,
        uint32 version,
        bytes32 codeHash,
        bytes32[] calldata factorIds,
        bytes calldata inputs,
        bytes32 salt
    ) external pure returns (bytes32) {
        return keccak256(abi.encode(RULE_TYPEHASH, ruleId, version, codeHash, factorIds, inputs, salt));
    }

    function _publish(RulePublication calldata publication) private {
        (string calldata name, uint32 version) = (publication.name, publication.version);
        bytes32 ruleId = ruleIdOf(name);
        RuleRecord storage record = _rules[ruleId][version];
        require(!record.standing.isPublished(), RuleBook_AlreadyPublished(name, version));
        _requireThatRule(publication);
        bytes32 codeHash = publication.rule.codehash;

        record.rule = publication.rule;
        record.codeHash = codeHash;
        record.sourceHash = publication.sourceHash;
        record.standing.begin(publication.reportFrom, publication.reportTo, publication.status);
        _requireAlone(name, version, record);
        _versions[ruleId].push(version);
        emit RulePublished(ruleId, publication.rule, codeHash, publication);
    }

    /// @dev No other version is in force for a year for which this one is.
    function _requireAlone(string calldata name, uint32 version, RuleRecord storage record) private view {
        bytes32 ruleId = ruleIdOf(name);
        uint32[] storage versions = _versions[ruleId];
        for (uint256 i = 0; i < versions.length; ++i) {
            uint32 other = versions[i];
            require(
                other == version || !record.standing.overlap(_rules[ruleId][other].standing),
                RuleBook_AlreadyInForce(name, other)
            );
        }
    }

    function _requireFinal(string calldata name, uint32 version, uint16 reportYear) private view {
        RuleStatus status = statusOf(name, version, reportYear);
        require(status == RuleStatus.InForce, RuleBook_NotFinal(name, version, reportYear, status));
    }

    /// @dev The word of the inputs at the use's offset is the factor's value.
    function _requireValue(uint256 number, FactorUse calldata use, bytes calldata inputs) private view {
        bool hasWord = use.offset % WORD == 0 && use.offset + WORD <= inputs.length;
        require(hasWord, RuleBook_OffsetInvalid(number, use.offset));
        int256 expected = _factors.valueOf(use.factorId, use.valueIndex);
        int256 given = abi.decode(inputs[use.offset:use.offset + WORD], (int256));
        require(expected == given, RuleBook_ValueDiffers(number, use.factorId, expected, given));
    }

    /// @dev The rule's contract, if its code is still what was published.
    function _unchanged(string calldata name, uint32 version) private view returns (IRule) {
        RuleRecord storage record = _known(name, version);
        require(record.rule.codehash == record.codeHash, RuleBook_CodeChanged(record.rule, record.codeHash));
        return IRule(record.rule);
    }

    function _known(string calldata name, uint32 version) private view returns (RuleRecord storage record) {
        record = _rules[ruleIdOf(name)][version];
        require(record.standing.isPublished(), RuleBook_Unknown(name, version));
    }

    /// @dev The rule says the name, version and source of the publication of itself.
    function _requireThatRule(RulePublication calldata publication) private view {
        address rule = publication.rule;
        require(rule.code.length != 0, RuleBook_NoCode(rule));
        string memory name = IRule(rule).name();
        uint32 version = IRule(rule).version();
        require(
            keccak256(bytes(name)) == keccak256(bytes(publication.name)) && version == publication.version,
            RuleBook_NotThatRule(rule, name, version)
        );
        bytes32 sourceHash = sha256(bytes(IRule(rule).source()));
        require(sourceHash == publication.sourceHash, RuleBook_NotThatSource(rule, sourceHash));
    }
}
