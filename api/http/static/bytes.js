/**
 * Bytes, their text, and JSON in its one form (RFC 8785).
 *
 * Whatever comes from outside is refused where it has no one form: halves of numbers, numbers that
 * a browser cannot hold, texts that are no Unicode.
 */

const HEX = /^0x(?:[0-9a-f]{2})*$/;
const MAX_DEPTH = 64;

/** Something from outside that is not what it must be; `code` names a sentence of the page. */
export class Refused extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** Give a text's bytes in UTF-8. */
export function utf8(text) {
  if (!isUnicode(text)) throw new Refused("not_unicode");
  return new TextEncoder().encode(text);
}

/** Join byte arrays. */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Write bytes as `0x` and lower-case hexadecimal digits. */
export function toHex(bytes) {
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Read `0x` and lower-case hexadecimal digits; `length` in bytes where it is fixed. */
export function fromHex(text, length = null) {
  if (typeof text !== "string" || !HEX.test(text)) throw new Refused("not_hex");
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = parseInt(text.slice(2 + 2 * at, 4 + 2 * at), 16);
  }
  if (length !== null && bytes.length !== length) throw new Refused("not_hex");
  return bytes;
}

/** Write a number that is not negative as bytes, the highest first. */
export function fromNumber(number, length) {
  return fromHex("0x" + BigInt(number).toString(16).padStart(2 * length, "0"), length);
}

/** Read bytes as a number, the highest first. */
export function toNumber(bytes) {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** Write a JSON value in its one form: names in order, nothing between. */
export function canonicalJson(value, depth = 0) {
  if (depth > MAX_DEPTH) throw new Refused("too_deep");
  if (value === null || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Refused("not_integer");
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (!isUnicode(value)) throw new Refused("not_unicode");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  if (typeof value !== "object") throw new Refused("malformed");
  const names = Object.keys(value).sort();
  const members = names.map(
    (name) => `${canonicalJson(name, depth)}:${canonicalJson(value[name], depth + 1)}`,
  );
  return `{${members.join(",")}}`;
}

/** Read a JSON object from bytes; the first fault is what is thrown. */
export function parseJson(bytes) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused("not_json");
  }
  if (!isObject(value)) throw new Refused("not_json");
  canonicalJson(value);
  return value;
}

/** Say whether a value is a JSON object. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isUnicode(text) {
  // A lone surrogate has no bytes in UTF-8.
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}
