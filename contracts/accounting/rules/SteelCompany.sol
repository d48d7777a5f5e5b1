// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {FuelFlows, FuelRule} from "./FuelRule.sol";

/// @notice A bought carbonate (碳酸盐), electrode (电极) or other material with carbon (含碳原料).
/// @param consumed_t Amount consumed, t.
/// @param factor_tCO2_per_t CO₂ of a tonne, tCO2/t: the guide's default, table A.2.
struct SteelMaterial {
    int256 consumed_t;
    int256 factor_tCO2_per_t;
}

/// @notice A product that carries carbon away (含碳产品): crude steel made; pig iron, tar and benzol sold.
/// @param isCrudeSteel Whether it is crude steel (粗钢), by which the intensity is counted.
/// @param output_t Amount, t.
/// @param embedded_tCO2_per_t CO₂ of the carbon in a tonne, tCO2/t: the guide's default, table A.2.
struct SteelProduct {
    bool isCrudeSteel;
    int256 output_t;
    int256 embedded_tCO2_per_t;
}

/// @notice Carbon that crosses the boundary of a steel works in a year.
/// @param entering Bought fuels, net (外购化石燃料的净消耗量); bought and self-made gas of one kind are two lines.
/// @param leaving Fuels of which more leaves than is bought: self-made coke and gas sold, and fuel of power units that
/// the trading scheme covers on their own. A fuel's net amount is one line, here or in `entering`.
/// @param carbonates Bought carbonates.
/// @param electrodes Bought electrodes.
/// @param materials Other bought materials with carbon.
/// @param products Products with carbon.
struct SteelCompanyInputs {
    FuelFlows entering;
    FuelFlows leaving;
    SteelMaterial[] carbonates;
    SteelMaterial[] electrodes;
    SteelMaterial[] materials;
    SteelProduct[] products;
}

/// @title SteelCompany
/// @notice CO₂ of a steel works as a whole, by mass balance (物料平衡法): carbon that enters less carbon that leaves.
///
/// `E = Σ FC × NCV × CC × 44/12 + Σ P carbonate × EF + P electrode × EF + Σ M material × EF − Σ AD product × EF`
///
/// - **No oxidation rate**: all carbon that enters and does not leave counts. The rate belongs to on-site generation, in
///   `steel.process`.
/// - What leaves is subtracted and never clipped: a works that sells more carbon than it buys has a total below zero.
/// - Materials, carbonates and products that table A.2 does not name are not accounted for (6.2.4).
///
/// Profiles: `Exact`, and `Reported` with the decimals of form C.3: amounts 2, heat value 3, carbon per heat 5, emissions of
/// a line 2, crude steel 2.
///
/// Results: `emissions` tCO2 with 2 decimals; `emissionsWhole` tCO2 without (form C.5); `crudeSteelIntensity` tCO2/t with 4,
/// absent if no crude steel was made.
/// Steps: those of each fuel ({FuelRule}), `entering` before `leaving`; `fuelNet`; `materialAmount` and `materialEmissions`
/// of each carbonate, electrode and material, counted in this order; `productAmount` and `productCarbon` of each product;
/// `crudeSteel` t if any was made.
///
/// Worked by hand. 1 000 000 t of washed coking coal × 26.344 GJ/t × 0.02541 tC/GJ = 669 401.04 tC, so 2 454 470.48 tCO2;
/// 200 000 t of coke sold × 28.435 × 0.02942 = 167 311.54 tC, so 613 475.6466… tCO2; 300 000 t of limestone × 0.440 =
/// 132 000; 2 000 t of electrodes × 3.663 = 7 326; 100 000 t of scrap × 0.037 = 3 700; 1 000 000 t of crude steel × 0.037 =
/// 37 000. In all 2 454 470.48 − 613 475.6466… + 132 000 + 7 326 + 3 700 − 37 000 = 1 947 020.83 tCO2, 1.9470 tCO2/t.
contract SteelCompany is FuelRule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_OF_LINE = 2;
    uint256 private constant OTHER_STEPS = 2;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "steel.company";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-03.01-V01-2024, formula (1), forms C.3 and C.5; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        SteelCompanyInputs memory decoded = abi.decode(inputs, (SteelCompanyInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(SteelCompanyInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        uint256 fuels = _fuelsIn(inputs.entering) + _fuelsIn(inputs.leaving);
        uint256 lines = inputs.carbonates.length + inputs.electrodes.length + inputs.materials.length
            + inputs.products.length;
        _requireSome("entering", fuels + lines);
        uint256 steps = fuels * STEPS_OF_FUEL + lines * STEPS_OF_LINE + OTHER_STEPS;
        FuelWork memory work = FuelWork(Outcomes.open(3, steps), profile, 0, 0);

        FuelSum memory net = _less(_flowing(work, inputs.entering), _flowing(work, inputs.leaving));
        int256 fuelNet = work.draft.step("fuelNet", 0, "tCO2", _emissionsOf(work, net));
        int256 materials = _materials(work, inputs);
        (int256 carried, int256 crudeSteel) = _products(work, inputs.products);

        int256 emissions = fuelNet + materials - carried;
        work.draft.result("emissions", "tCO2", emissions, 2);
        work.draft.result("emissionsWhole", "tCO2", emissions, 0);
        if (crudeSteel == 0) return work.draft.close();
        work.draft.step("crudeSteel", 0, "t", crudeSteel);
        work.draft.result("crudeSteelIntensity", "tCO2/t", Fixed.div(emissions, crudeSteel), 4);
        return work.draft.close();
    }

    /// @dev Emissions of all that is bought and is no fuel, tCO2.
    function _materials(FuelWork memory work, SteelCompanyInputs memory inputs)
        private
        pure
        returns (int256)
    {
        uint256 electrodesFrom = inputs.carbonates.length;
        uint256 materialsFrom = electrodesFrom + inputs.electrodes.length;
        return _bought(work, inputs.carbonates, 0) + _bought(work, inputs.electrodes, electrodesFrom)
            + _bought(work, inputs.materials, materialsFrom);
    }

    function _bought(FuelWork memory work, SteelMaterial[] memory materials, uint256 from)
        private
        pure
        returns (int256 emissions)
    {
        for (uint256 i = 0; i < materials.length; ++i) {
            uint256 item = from + i;
            int256 consumed = materials[i].consumed_t;
            int256 factor = materials[i].factor_tCO2_per_t;
            _requireAmount("consumed", item, consumed);
            _requireAmount("factor", item, factor);
            int256 amount = _use(work.draft, work.profile, "materialAmount", item, "t", consumed, 2);
            int256 carbonDioxide = Fixed.mul(amount, factor);
            emissions += _use(work.draft, work.profile, "materialEmissions", item, "tCO2", carbonDioxide, 2);
        }
    }

    /// @dev CO₂ of the carbon that products carry away, tCO2, and crude steel, t.
    function _products(FuelWork memory work, SteelProduct[] memory products)
        private
        pure
        returns (int256 carried, int256 crudeSteel)
    {
        for (uint256 i = 0; i < products.length; ++i) {
            SteelProduct memory product = products[i];
            _requireAmount("output", i, product.output_t);
            _requireAmount("embedded", i, product.embedded_tCO2_per_t);
            int256 amount = _use(work.draft, work.profile, "productAmount", i, "t", product.output_t, 2);
            int256 carbonDioxide = Fixed.mul(amount, product.embedded_tCO2_per_t);
            carried += _use(work.draft, work.profile, "productCarbon", i, "tCO2", carbonDioxide, 2);
            if (product.isCrudeSteel) crudeSteel += amount;
        }
    }
}
