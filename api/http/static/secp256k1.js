/**
 * Who signed: the address whose key gave a signature over a digest (secp256k1).
 *
 * Nothing here is secret, so nothing here needs to take the same time for every value.
 *
 * Source: SEC 1, section 4.1.6; SEC 2, section 2.4.1; EIP-2 (low s); EIP-55 (checksum).
 */

import { concat, fromNumber, Refused, toHex, toNumber, utf8 } from "./bytes.js";
import { keccak256 } from "./keccak.js";

const P = 2n ** 256n - 2n ** 32n - 977n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BASE = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
];
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Give the address that signed a digest, with its checksum. */
export function recoverAddress(digest, signature) {
  if (signature.length !== 65 || (signature[64] !== 27 && signature[64] !== 28)) {
    throw new Refused("signature_form");
  }
  const [r, s] = [toNumber(signature.slice(0, 32)), toNumber(signature.slice(32, 64))];
  if (r === 0n || r >= ORDER || s === 0n || s > ORDER / 2n) throw new Refused("signature_form");
  const square = modulo(r ** 3n + 7n, P);
  let y = power(square, (P + 1n) / 4n, P);
  if (modulo(y * y, P) !== square) throw new Refused("signature_form");
  if ((y & 1n) !== BigInt(signature[64] - 27)) y = P - y;
  const inverse = power(r, ORDER - 2n, ORDER);
  const fromDigest = modulo(-toNumber(digest) * inverse, ORDER);
  const key = affine(add(multiply(BASE, fromDigest), multiply([r, y], modulo(s * inverse, ORDER))));
  return checksummed(keccak256(concat(fromNumber(key[0], 32), fromNumber(key[1], 32))).slice(12));
}

/** Write an address of 20 bytes with its checksum. */
export function checksummed(address) {
  const digits = toHex(address).slice(2);
  const marks = toHex(keccak256(utf8(digits))).slice(2);
  return "0x" + Array.from(digits, (digit, at) => (marks[at] >= "8" ? digit.toUpperCase() : digit)).join("");
}

/** Read an address in whatever case a wallet writes it, and give it with its checksum. */
export function readAddress(text) {
  if (typeof text !== "string" || !ADDRESS.test(text)) throw new Refused("not_address");
  const digits = text.slice(2).toLowerCase();
  return checksummed(fromNumber(BigInt(`0x${digits}`), 20));
}

// --- points, as (X, Y, Z) with x = X/Z² and y = Y/Z³ -----------------------------------------

function multiply(point, factor) {
  let sum = null;
  let doubled = [...point, 1n];
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(sum, doubled);
    doubled = double(doubled);
  }
  return sum;
}

function double([x, y, z]) {
  const squared = modulo(y * y, P);
  const s = modulo(4n * x * squared, P);
  const m = modulo(3n * x * x, P);
  const newX = modulo(m * m - 2n * s, P);
  return [newX, modulo(m * (s - newX) - 8n * squared * squared, P), modulo(2n * y * z, P)];
}

function add(left, right) {
  if (left === null || right === null) return left ?? right;
  const [x1, y1, z1] = left;
  const [x2, y2, z2] = right;
  const [zz1, zz2] = [modulo(z1 * z1, P), modulo(z2 * z2, P)];
  const [u1, u2] = [modulo(x1 * zz2, P), modulo(x2 * zz1, P)];
  const [s1, s2] = [modulo(y1 * zz2 * z2, P), modulo(y2 * zz1 * z1, P)];
  if (u1 === u2) return s1 === s2 ? double(left) : null;
  const [h, r] = [modulo(u2 - u1, P), modulo(s2 - s1, P)];
  const [hh, hhh] = [modulo(h * h, P), modulo(h * h * h, P)];
  const x = modulo(r * r - hhh - 2n * u1 * hh, P);
  return [x, modulo(r * (u1 * hh - x) - s1 * hhh, P), modulo(h * z1 * z2, P)];
}

function affine(point) {
  if (point === null) throw new Refused("signature_form");
  const [x, y, z] = point;
  const inverse = power(z, P - 2n, P);
  const square = modulo(inverse * inverse, P);
  return [modulo(x * square, P), modulo(y * square * inverse, P)];
}

function power(base, exponent, modulus) {
  let result = 1n;
  let square = modulo(base, modulus);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square, modulus);
    square = modulo(square * square, modulus);
  }
  return result;
}

function modulo(number, modulus) {
  const rest = number % modulus;
  return rest < 0n ? rest + modulus : rest;
}
