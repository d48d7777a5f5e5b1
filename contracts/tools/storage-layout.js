#!/usr/bin/env node
// The storage layout of the contracts, as committed in contracts/storage-layout/*.json.
//
//   node contracts/tools/storage-layout.js            writes the files
//   node contracts/tools/storage-layout.js --check    fails if a file is not what the artefacts say
//
// What is read is chain/artifacts/, which `python -m chain.compilation --check` proves to be what the
// sources give, so the compiler need not run a second time. It numbers its types anew whenever any
// source changes; those numbers are left out.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const CONTRACTS = [
  "CheckpointRegistry",
  "Council",
  "Credentials",
  "DeviceRegistry",
  "Directory",
  "EvidenceBinding",
  "FactorBook",
  "InventoryRegistry",
  "OpenCalculations",
  "PartyRegistry",
  "RuleBook",
  "SamplingDraw",
  "WorkingCalendar",
];
const FOLDER = path.join(__dirname, "..", "storage-layout");
const ROOT = path.join(__dirname, "..", "..");

const isCheck = process.argv.includes("--check");
const stale = CONTRACTS.filter((name) => !update(name, isCheck));
if (stale.length > 0) {
  process.stderr.write(`storage layout changed: ${stale.join(", ")}\n`);
  process.exitCode = 1;
}

/** Write the layout of a contract, or compare it; whether the file is fresh afterwards. */
function update(name, isCheck) {
  const file = path.join(FOLDER, `${name}.json`);
  const text = JSON.stringify(layoutOf(name), null, 2) + "\n";
  if (isCheck) return fs.existsSync(file) && fs.readFileSync(file, "utf8") === text;
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(file, text);
  return true;
}

/** Read the layout of a contract from its committed artefact and keep what matters to who reads storage. */
function layoutOf(name) {
  const artifact = path.join(ROOT, "chain", "artifacts", `${name}.json`);
  const layout = JSON.parse(fs.readFileSync(artifact, "utf8")).storageLayout;
  const members = (list) =>
    list.map(({ label, slot, offset, type }) => ({ label, slot, offset, type: plain(type) }));
  const types = Object.entries(layout.types ?? {}).map(([id, type]) => [
    plain(id),
    {
      label: type.label,
      encoding: type.encoding,
      numberOfBytes: type.numberOfBytes,
      ...(type.key && { key: plain(type.key) }),
      ...(type.value && { value: plain(type.value) }),
      ...(type.base && { base: plain(type.base) }),
      ...(type.members && { members: members(type.members) }),
    },
  ]);
  types.sort(([one], [other]) => (one < other ? -1 : 1));
  return { contract: name, storage: members(layout.storage), types: Object.fromEntries(types) };
}

/** A type's name without the compiler's numbers. */
function plain(type) {
  return type.replace(/(t_(?:struct|userDefinedValueType|enum|contract)\([^()]*\))\d+/g, "$1");
}
