/**
 * What a draw is replayed from: a case as `GET /v1/cases/{case}` gives it, and a plan's document.
 *
 * Source: `docs/formats/sampling.md`, section 4; `docs/http.md`.
 */

import { canonicalJson, concat, fromHex, fromNumber, isObject, parseJson, Refused, toHex, utf8 } from "./bytes.js";
import { drawByAmount, drawPlaces } from "./draw.js";
import { keccak256 } from "./keccak.js";
import { sha256 } from "./sha256.js";

export const MAX_BYTES = 32 << 20;
const MOST_DRAWN = 1_000_000n;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const NAME = /^[a-z0-9.:_-]{1,64}$/;
const METHODS = ["all", "random", "by-amount"];
const FROZEN = "plan frozen";
const STORED = "block hash stored";
const REVEALED = "nonce revealed";
const MISSING = "nonce missing";
const SETTLED = "settled";

/** Give a party's id on the chain: keccak256 of `abi.encode("party", code)`. */
export function partyId(code) {
  const parts = [utf8("party"), utf8(code)];
  const padded = parts.map((part) => {
    const whole = new Uint8Array(Math.ceil(part.length / 32) * 32);
    whole.set(part);
    return concat(fromNumber(part.length, 32), whole);
  });
  return keccak256(concat(fromNumber(64, 32), fromNumber(64 + padded[0].length, 32), ...padded));
}

/**
 * Read the newest settled draw of a case.
 *
 * @returns {object} Hexadecimal text of what goes into the seed, and the published seed.
 */
export function readCase(bytes) {
  const content = parseJson(bytes);
  if (!Array.isArray(content.draws) || typeof content.case !== "string") throw new Refused("not_case");
  const steps = content.draws.filter(isObject);
  const settled = steps.filter((step) => step.step === SETTLED).at(-1);
  if (settled === undefined) throw new Refused("not_settled");
  const own = steps.filter((step) => step.version === settled.version && step.draw === settled.draw);
  const word = (name) => own.filter((step) => step.step === name).at(-1)?.word;
  const codes = [content.verifier, content.enterprise, content.regulator].map((party) => String(party?.code ?? ""));
  const nonces = codes.map((code) => {
    const party = toHex(partyId(code));
    return own.find((step) => step.step === REVEALED && step.party === party)?.word ?? null;
  });
  const found = {
    inventory: content.case,
    planHash: word(FROZEN),
    blockHash: word(STORED),
    nonces,
    seed: settled.word,
    version: settled.version,
    draw: settled.draw,
    strict: settled.strict === true,
  };
  for (const each of [found.inventory, found.planHash, found.blockHash, found.seed]) fromHex(each, 32);
  const revealed = own.filter((step) => step.step === REVEALED).length;
  const missing = own.filter((step) => step.step === MISSING).length;
  const known = nonces.filter((nonce) => nonce !== null).length;
  // Whoever's nonce is not found under its party would be taken for one that was not revealed.
  if (known !== revealed || revealed + missing > nonces.length) throw new Refused("other_parties");
  return found;
}

/** Read a plan's document; its hash is that of the very bytes. */
export function readPlan(bytes) {
  const plan = parseJson(bytes);
  const text = new TextDecoder().decode(bytes);
  if (canonicalJson(plan) !== text || plan.type !== "sampling-plan" || plan.version !== 1) throw new Refused("not_plan");
  if (!Array.isArray(plan.strata) || plan.strata.length === 0) throw new Refused("not_plan");
  return {
    hash: toHex(sha256(bytes)),
    inventory: `0x${plan.inventory}`,
    populationRoot: `0x${plan.population_root}`,
    version: plan.inventory_version,
    draw: plan.draw,
    strata: plan.strata.map(readStratum),
  };
}

/** Read one stratum of a population that is counted from 0, as typed by hand. */
export function typedStratum(name, population, size) {
  const numbers = [population, size];
  if (!NAME.test(name) || !numbers.every((text) => DECIMAL.test(text))) throw new Refused("not_number");
  const [items, drawn] = numbers.map(BigInt);
  return { name, method: "random", population: items, entry: (place) => place, size: drawn, strictSize: drawn, amounts: [] };
}

/** Draw a stratum: entries in the order in which they come up; null for all of them. */
export function drawStratum(seed, stratum, isStrict) {
  const size = isStrict ? stratum.strictSize : stratum.size;
  if (stratum.method === "all") return null;
  if (size > MOST_DRAWN) throw new Refused("too_many_drawn");
  const places =
    stratum.method === "random"
      ? drawPlaces(seed, stratum.name, { population: stratum.population, size })
      : drawByAmount(seed, stratum.name, { amounts: stratum.amounts, size });
  return places.map(stratum.entry);
}

function readStratum(content) {
  if (!isObject(content) || !NAME.test(content.name) || !METHODS.includes(content.method)) throw new Refused("not_plan");
  const { start, end, items = [], amounts = [] } = content;
  const isStretch = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end;
  if (!Array.isArray(items) || !Array.isArray(amounts) || isStretch === items.length > 0) throw new Refused("not_plan");
  if (!items.every(Number.isSafeInteger) || !amounts.every((text) => DECIMAL.test(text))) throw new Refused("not_plan");
  if (amounts.length !== (content.method === "by-amount" ? items.length : 0)) throw new Refused("not_plan");
  const sizes = [content.size, content.strict_size];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Refused("not_plan");
  return {
    name: content.name,
    method: content.method,
    population: isStretch ? BigInt(end - start) : BigInt(items.length),
    entry: (place) => (isStretch ? BigInt(start) + place : BigInt(items[Number(place)])),
    size: BigInt(sizes[0]),
    strictSize: BigInt(sizes[1]),
    amounts: amounts.map(BigInt),
  };
}
