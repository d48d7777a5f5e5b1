/**
 * EIP-712: the hash of the typed data that a wallet shows and signs.
 *
 * Strict: a message has exactly the members of its type, in the one text that each value has:
 * numbers as decimal text, addresses with their checksum, bytes in lower case.
 *
 * Source: EIP-712, definitions of encodeType, encodeData and hashStruct.
 */

import { concat, fromHex, fromNumber, isObject, Refused, toNumber, utf8 } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { readAddress } from "./secp256k1.js";

const ARRAY = /^([A-Za-z0-9_]+)\[\]$/;
const NUMBER = /^uint([1-9][0-9]{0,2})$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;
const UNPRINTABLE = /(?! )[\p{C}\p{Z}]/u;
const DOMAIN = "EIP712Domain";
const MAX_DEPTH = 8;

/** Give the digest of what `eth_signTypedData_v4` takes, 32 bytes. */
export function digestOf(typedData) {
  const { types, primaryType, domain, message } = typedData;
  return keccak256(
    concat(
      Uint8Array.of(0x19, 0x01),
      hashStruct(types, DOMAIN, domain, DOMAIN),
      hashStruct(types, primaryType, message, ""),
    ),
  );
}

/** Give the text of a struct's type, followed by those it refers to, sorted. */
export function encodeType(types, name) {
  const found = new Set();
  const visit = (struct) => {
    if (found.has(struct)) return;
    found.add(struct);
    for (const { type } of membersOf(types, struct)) {
      const base = type.replace(/\[\]$/, "");
      if (Object.hasOwn(types, base)) visit(base);
    }
  };
  visit(name);
  found.delete(name);
  const text = (struct) =>
    `${struct}(${membersOf(types, struct).map(({ name: member, type }) => `${type} ${member}`).join(",")})`;
  return [name, ...[...found].sort()].map(text).join("");
}

function hashStruct(types, name, content, path, depth = 0) {
  const members = membersOf(types, name);
  if (depth > MAX_DEPTH) throw new Refused("too_deep");
  if (!isObject(content)) throw new Refused("field_form", { field: path || name });
  const extra = Object.keys(content).find((each) => !members.some((member) => member.name === each));
  const missing = members.find((member) => !Object.hasOwn(content, member.name));
  if (extra !== undefined || missing !== undefined) {
    throw new Refused("field_names", { field: joined(path, extra ?? missing.name) });
  }
  const words = members.map(({ name: member, type }) =>
    encodeData(types, type, content[member], joined(path, member), depth + 1),
  );
  return keccak256(concat(keccak256(utf8(encodeType(types, name))), ...words));
}

function encodeData(types, type, value, path, depth) {
  try {
    return encoded(types, type, value, path, depth);
  } catch (fault) {
    if (fault instanceof Refused && "field" in fault.values) throw fault;
    throw new Refused("field_form", { field: path });
  }
}

function encoded(types, type, value, path, depth) {
  const array = ARRAY.exec(type);
  if (array) {
    if (!Array.isArray(value)) throw new Refused("field_form", { field: path });
    const items = value.map((item, at) => encodeData(types, array[1], item, `${path} ${at + 1}`, depth));
    return keccak256(concat(...items));
  }
  if (Object.hasOwn(types, type)) return hashStruct(types, type, value, path, depth);
  const number = NUMBER.exec(type);
  if (number) return encodedNumber(value, Number(number[1]));
  switch (type) {
    case "string":
      // What turns, hides or breaks a line is in no act (chain/typed_reading.py).
      if (typeof value !== "string" || UNPRINTABLE.test(value)) throw new Refused("malformed");
      return keccak256(utf8(value));
    case "bytes32":
      return fromHex(value, 32);
    case "bool":
      if (typeof value !== "boolean") throw new Refused("malformed");
      return fromNumber(value ? 1 : 0, 32);
    case "address":
      if (readAddress(value) !== value) throw new Refused("not_address");
      return fromNumber(toNumber(fromHex(value.toLowerCase(), 20)), 32);
    default:
      throw new Refused("malformed");
  }
}

function encodedNumber(value, bits) {
  if (typeof value !== "string" || !DECIMAL.test(value)) throw new Refused("malformed");
  if (bits % 8 || bits > 256 || BigInt(value) >= 1n << BigInt(bits)) throw new Refused("malformed");
  return fromNumber(BigInt(value), 32);
}

function membersOf(types, name) {
  if (!Object.hasOwn(types, name)) throw new Refused("malformed");
  return types[name];
}

function joined(path, member) {
  return path === "" || path === DOMAIN ? member : `${path}.${member}`;
}
