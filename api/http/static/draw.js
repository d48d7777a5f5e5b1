/**
 * The drawing of a sample that nobody could choose, worked out again from what was published.
 *
 * Numbers are `bigint`, so that none is rounded; hashes are byte arrays of 32 bytes.
 *
 * Source: CONTRACTS section 5; RFC 2104; `docs/formats/sampling.md`.
 */

import { concat, fromNumber, Refused, toNumber, utf8 } from "./bytes.js";
import { sha256, hmacSha256 } from "./sha256.js";
import { keccak256 } from "./keccak.js";

export const PARTIES = 3;
const HASH_LENGTH = 32;
const MAX_NUMBER = 1n << 64n;
const SEED_PREFIX = utf8("carbonseal/draw/v1");
const STREAM_PREFIX = utf8("carbonseal/sample/v1");
const NONCE_TYPE = utf8("DrawNonce(bytes32 inventoryId,uint32 version,uint32 draw,bytes32 party,bytes32 nonce)");

/** Give what a party signs before the draw, 32 bytes. */
export function commitNonce({ inventory, version, draw, party, nonce }) {
  if (word(nonce).every((byte) => byte === 0)) throw new Refused("zero_nonce");
  const numbers = [fromNumber(version, HASH_LENGTH), fromNumber(draw, HASH_LENGTH)];
  return keccak256(concat(keccak256(NONCE_TYPE), word(inventory), ...numbers, word(party), word(nonce)));
}

/**
 * Give the seed of a draw, 32 bytes.
 *
 * @param {Array<Uint8Array|null>} parts.nonces Of verifier, enterprise and authority; null for one
 *   that was not revealed.
 */
export function drawSeed({ inventory, planHash, populationRoot, nonces, blockHash }) {
  if (nonces.length !== PARTIES) throw new Refused("nonces");
  const shown = nonces.map((nonce) => word(nonce ?? new Uint8Array(HASH_LENGTH)));
  return sha256(concat(SEED_PREFIX, word(inventory), word(planHash), word(populationRoot), ...shown, word(blockHash)));
}

/** Numbers that follow from a seed, for one stratum of a plan. */
export class DrawStream {
  #key;
  #prefix;
  #counter = 0n;

  constructor(seed, stratum) {
    const name = utf8(stratum);
    this.#key = word(seed);
    this.#prefix = concat(STREAM_PREFIX, fromNumber(name.length, 8), name);
  }

  /** Give the next number, each from 0 to below a limit being equally likely. */
  below(limit) {
    if (limit < 1n || limit > MAX_NUMBER) throw new Refused("draw_limit");
    // What lies above the greatest multiple would come up more often: it is drawn again.
    const fair = MAX_NUMBER - (MAX_NUMBER % limit);
    let number = this.#next();
    while (number >= fair) number = this.#next();
    return number % limit;
  }

  #next() {
    const block = hmacSha256(this.#key, concat(this.#prefix, fromNumber(this.#counter, 8)));
    this.#counter += 1n;
    return toNumber(block.slice(0, 8));
  }
}

/** Draw places of a population, each once, in the order in which they come up. */
export function drawPlaces(seed, stratum, { population, size }) {
  if (population < 0n || size < 0n || population > MAX_NUMBER) throw new Refused("draw_limit");
  const stream = new DrawStream(seed, stratum);
  const moved = new Map();
  const drawn = [];
  for (let place = 0n; place < size && place < population; place += 1n) {
    const other = place + stream.below(population - place);
    drawn.push(moved.get(other) ?? other);
    moved.set(other, moved.get(place) ?? place);
  }
  return drawn;
}

/** Draw places so that an item's chance is in proportion to its amount; none is named twice. */
export function drawByAmount(seed, stratum, { amounts, size }) {
  if (amounts.some((amount) => amount < 0n)) throw new Refused("draw_limit");
  let whole = 0n;
  const ends = amounts.map((amount) => (whole += amount));
  const stream = new DrawStream(seed, stratum);
  const drawn = new Set();
  for (let count = 0n; count < size; count += 1n) drawn.add(firstAbove(ends, stream.below(whole)));
  return [...drawn];
}

/** Give the first place whose running sum exceeds a number. */
function firstAbove(ends, number) {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > number) high = middle;
    else low = middle + 1;
  }
  return BigInt(low);
}

function word(bytes) {
  if (bytes.length !== HASH_LENGTH) throw new Refused("not_hash");
  return bytes;
}
