// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, SteelProcess} from "../../types/Enums.sol";
import {BurnedFuels, FuelFlows, FuelRule} from "./FuelRule.sol";

/// @notice Fuels into and out of a main process (主要工序) in a year, and what it made.
/// @param process Which process; several lines may name the same one, such as two works of a group.
/// @param output_t Its product (工序产品产量), t: coke, sinter, pellets, iron or crude steel.
/// @param entering Fuels that enter, bought and self-made gas apart.
/// @param leaving Fuels that leave: coke and coke-oven gas, blast-furnace gas, converter gas; none from the others, as a rule.
struct SteelProcessLine {
    SteelProcess process;
    int256 output_t;
    FuelFlows entering;
    FuelFlows leaving;
}

/// @notice A works' processes, its generation, and its total.
/// @param company_tCO2 Emissions of the works as a whole, from `steel.company`, tCO2; below zero if more carbon left than entered.
/// @param processes Main processes.
/// @param units Fuels of each unit of on-site generation that burns self-made secondary energy (掺烧自产二次能源的化石燃料发电设施).
struct SteelProcessesInputs {
    int256 company_tCO2;
    SteelProcessLine[] processes;
    BurnedFuels[] units;
}

/// @title SteelProcesses
/// @notice CO₂ of the main processes and of on-site generation of a steel works, and what remains of its total.
///
/// - Process (2): `E = Σ FC × NCV × CC × 44/12` in, less the same of the fuels out. No oxidation rate. Below zero where more
///   carbon leaves as gas or coke than enters as fuel.
/// - Generation unit (3): `E = Σ FC × NCV × CC × OF × 44/12`, with the oxidation rate of table A.1.
/// - Other (4): `E other = E company − Σ E process − Σ E generation`. **It may be below zero and is shown so**, not clipped:
///   a large negative remainder says that fuel or gas was counted in the processes and not in the company.
/// - Intensity of the allocation plan (draft for 2026, 三(二)3): `(E iron making + E sintering) / output of iron making`. The
///   plan gives no decimals for it; the four that the guide gives for a process are used. Pellets do not enter it.
///
/// Profiles: `Exact`, and `Reported` with the decimals of forms C.4 and C.5: outputs and emissions 2, intensities 4, fuels as
/// in {FuelRule}; the total of the works 2.
///
/// Results, with 2 decimals: `processEmissions`, `generationEmissions`, `otherEmissions` tCO2; `allocationIntensity` tCO2/t with
/// 4, absent if no iron was made.
/// Steps: those of each fuel, all of a process (in, then out) before the next, generation last; of each process
/// `processCarbonDioxide` tCO2 and `processOutput` t, and `processIntensity` tCO2/t if it made anything; of each unit
/// `unitEmissions` tCO2; `company` tCO2; where iron was made `ironAndSinter` tCO2 and `ironOutput` t.
///
/// Worked by hand. Iron making: 450 000 t of coke × 28.435 × 0.02942 = 376 450.965 tC and 150 000 t of coal × 23.736 ×
/// 0.02618 = 93 211.272 tC in, 180 000 ×10⁴ Nm³ of blast-furnace gas × 33 × 0.0708 = 420 552 tC out: 49 110.237 tC, so
/// 180 070.869 tCO2. Sintering: 50 000 t of coke and 2 000 ×10⁴ Nm³ of the gas: 46 500.685 tC, so 170 502.5116… tCO2. With
/// 1 000 000 t of iron the intensity is 350 573.3806… / 1 000 000 = 0.3506 tCO2/t. A unit burns 60 000 ×10⁴ Nm³ of the gas at
/// 99 %: 138 782.16 tC, so 508 867.92 tCO2. Of a total of 1 000 000 tCO2 there remain 140 558.70, of one of 800 000
/// −59 441.30.
contract SteelProcesses is FuelRule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_OF_PROCESS = 3;
    uint256 private constant OTHER_STEPS = 3;

    /// @dev Carbon of iron making and sintering, and iron made, t.
    struct Iron {
        FuelSum net;
        int256 output;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "steel.process";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-03.01-V01-2024, formulas (2) to (4), forms C.4 and C.5; intensity: draft allocation plan for 2026; read in public copies";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        SteelProcessesInputs memory decoded = abi.decode(inputs, (SteelProcessesInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(SteelProcessesInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        _requireSome("processes", inputs.processes.length + inputs.units.length);
        _requireWithin("company", 0, inputs.company_tCO2, -MAX_NUMBER, MAX_NUMBER);
        FuelWork memory work = FuelWork(Outcomes.open(4, _stepsAtMost(inputs)), profile, 0, 0);

        Iron memory iron;
        FuelSum memory processes = _processes(work, inputs.processes, iron);
        FuelSum memory generation = _generation(work, inputs.units);
        int256 company = _use(work.draft, profile, "company", 0, "tCO2", inputs.company_tCO2, 2);

        int256 known = _emissionsOf(work, _plus(processes, generation));
        work.draft.result("processEmissions", "tCO2", _emissionsOf(work, processes), 2);
        work.draft.result("generationEmissions", "tCO2", _emissionsOf(work, generation), 2);
        work.draft.result("otherEmissions", "tCO2", company - known, 2);
        if (iron.output == 0) return work.draft.close();
        int256 emissions = work.draft.step("ironAndSinter", 0, "tCO2", _emissionsOf(work, iron.net));
        work.draft.step("ironOutput", 0, "t", iron.output);
        work.draft.result("allocationIntensity", "tCO2/t", Fixed.div(emissions, iron.output), 4);
        return work.draft.close();
    }

    /// @dev Carbon of all processes; that of iron making and sintering is also added to `iron`.
    function _processes(FuelWork memory work, SteelProcessLine[] memory lines, Iron memory iron)
        private
        pure
        returns (FuelSum memory total)
    {
        for (uint256 i = 0; i < lines.length; ++i) {
            SteelProcessLine memory line = lines[i];
            _requireNamed("process", i, uint8(line.process));
            _requireAmount("output", i, line.output_t);
            _requireSome("entering", _fuelsIn(line.entering));
            FuelSum memory net = _less(_flowing(work, line.entering), _flowing(work, line.leaving));
            int256 output = _note(work, i, _emissionsOf(work, net), line.output_t);
            total = _plus(total, net);
            bool isIron = line.process == SteelProcess.IronMaking;
            if (isIron) iron.output += output;
            if (isIron || line.process == SteelProcess.Sintering) iron.net = _plus(iron.net, net);
        }
    }

    /// @dev Write a process down, and give its output as the profile has it, t.
    function _note(FuelWork memory work, uint256 item, int256 emissions, int256 made)
        private
        pure
        returns (int256 output)
    {
        work.draft.step("processCarbonDioxide", item, "tCO2", emissions);
        output = _use(work.draft, work.profile, "processOutput", item, "t", made, 2);
        if (output == 0) return output;
        int256 intensity = Fixed.div(emissions, output);
        _use(work.draft, work.profile, "processIntensity", item, "tCO2/t", intensity, 4);
    }

    /// @dev Carbon of all generation.
    function _generation(FuelWork memory work, BurnedFuels[] memory units)
        private
        pure
        returns (FuelSum memory total)
    {
        for (uint256 i = 0; i < units.length; ++i) {
            _requireSome("units", _fuelsIn(units[i]));
            FuelSum memory burned = _burning(work, units[i]);
            work.draft.step("unitEmissions", i, "tCO2", _emissionsOf(work, burned));
            total = _plus(total, burned);
        }
    }

    function _stepsAtMost(SteelProcessesInputs memory inputs) private pure returns (uint256) {
        uint256 fuels;
        for (uint256 i = 0; i < inputs.processes.length; ++i) {
            fuels += _fuelsIn(inputs.processes[i].entering) + _fuelsIn(inputs.processes[i].leaving);
        }
        for (uint256 i = 0; i < inputs.units.length; ++i) {
            fuels += _fuelsIn(inputs.units[i]);
        }
        return fuels * STEPS_OF_FUEL + inputs.processes.length * STEPS_OF_PROCESS + inputs.units.length
            + OTHER_STEPS;
    }
}
