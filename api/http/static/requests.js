/**
 * A signing request of acts: read, checked, turned into what a wallet signs, and written again.
 *
 * What is shown and what is signed come from one text: the typed data that is made here, of the
 * file alone. A server is asked only whether it would make the same.
 *
 * Source: `docs/gateway.md` (signing requests); `docs/acts.md`; EIP-712; RFC 8785.
 */

import { ACTS } from "./acts.js";
import { canonicalJson, fromHex, isObject, parseJson, Refused, toHex, utf8 } from "./bytes.js";
import { readAddress, recoverAddress } from "./secp256k1.js";
import { sha256 } from "./sha256.js";
import { digestOf } from "./typed_data.js";

export const MAX_BYTES = 4 << 20;
const MAX_PARTS = 20;
const MAX_TITLE = 200;
const MAX_SHOWN = 300;
const NAMES = ["format", "version", "title", "origin", "chain", "log_size", "drafted_at", "deadline", "signers", "parts"];
const PART_NAMES = ["kind", "contract", "address", "type", "fields"];
const ENTRY_NAMES = ["role", "signer", "request", "parts"];
const WITH_RECORD = ["Enrolment", "CloseKey", "Calibration"];
const ROLE = /^(?:initiator|approver|operator|lead_verifier|technical_reviewer|registrar|remover|seat-[1-9][0-9]?)$/;
const CHAIN = /^eip155:([1-9][0-9]{0,18})$/;
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;
const LOG = /^[^/]+\/log\/([0-9A-Z]{18})(?:-[0-9]+)?$/;
const DOMAIN = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
];
const WHOLE = [
  { name: "title", type: "string" },
  { name: "origin", type: "string" },
  { name: "contentHash", type: "bytes32" },
  { name: "signer", type: "address" },
  { name: "deadline", type: "uint64" },
];

/**
 * Read a request's file, from outside; signatures in it are checked.
 *
 * @returns {object} `document` as it stands in the file, and what is read from it.
 * @throws {Refused} At the first thing that is not as it must be.
 */
export function readRequest(bytes) {
  if (bytes.length > MAX_BYTES) throw new Refused("too_large");
  const document = parseJson(bytes);
  requireNames(document, [...NAMES, "signatures"]);
  const { signatures, ...content } = document;
  const request = { ...readContent(content), document, content, signatures };
  requireParts(request);
  requireSignatures(request);
  return request;
}

/** Give what one address must sign of a request: the whole, then each act that names it. */
export function questionsFor(request, address) {
  const asked = [{ part: 0, ...placed(wholeRequest(request, address)) }];
  for (const part of request.parts) {
    if (Object.values(part.signers).includes(address)) asked.push({ part: part.number, ...part.asked });
  }
  return asked;
}

/** Give the request with one more signer's signatures, by the number of the part; 0 is the whole. */
export function withSignatures(request, address, given) {
  const parts = {};
  for (const [part, signature] of given) if (part > 0) parts[String(part)] = signature;
  const entry = { role: roleOf(request, address), signer: address, request: given.get(0), parts };
  const document = { ...request.content, signatures: [...request.signatures, entry] };
  // Read again as a stranger's file is: what is wrong with it is seen before it is given away.
  return readRequest(utf8(fileText(document)));
}

/** Write a request as its file. */
export function fileText(document) {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Give the role in which an address signs, or null. */
export function roleOf(request, address) {
  const found = Object.entries(request.signers).find(([, each]) => each === address);
  return found === undefined ? null : found[0];
}

/** Give the roles that have not signed. */
export function missingRoles(request) {
  const signed = request.signatures.map((entry) => entry.signer);
  return Object.keys(request.signers).filter((role) => !signed.includes(request.signers[role]));
}

/** Give what `POST /v1/acts` takes for an act that everybody has signed. */
export function handInBody(request, part) {
  const signatures = {};
  for (const [role, address] of Object.entries(part.signers)) {
    const entry = request.signatures.find((each) => each.signer === address);
    signatures[role] = entry.parts[String(part.number)];
  }
  const { type, address, fields } = part;
  return { type, chain: request.content.chain, address, fields, signatures };
}

/**
 * Compare the typed data made here with the answer of `POST /v1/acts/typed-data`.
 *
 * @returns {object|null} The first place where they differ, with both values; null for none.
 */
export function differenceFrom(part, answer) {
  if (!isObject(answer)) return { path: "", here: "", there: "" };
  const here = { typed_data: part.asked.typedData, digest: toHex(part.asked.digest), contract: part.address };
  for (const name of Object.keys(here)) {
    const found = firstDifference(here[name], answer[name], name);
    if (found !== null) return found;
  }
  return null;
}

// --- reading -----------------------------------------------------------------------------------

function readContent(content) {
  const { format, version, title, origin, chain, signers, parts } = content;
  if (format !== "carbonseal-signing-request" || version !== 1) throw new Refused("not_request");
  if (typeof title !== "string" || title === "" || title.length > MAX_TITLE || /(?! )[\p{C}\p{Z}]/u.test(title)) {
    throw new Refused("malformed");
  }
  const found = typeof chain === "string" ? CHAIN.exec(chain) : null;
  const log = typeof origin === "string" ? LOG.exec(origin) : null;
  if (found === null || (origin !== null && log === null)) throw new Refused("malformed");
  if (!Number.isSafeInteger(content.log_size) || content.log_size < 0) throw new Refused("malformed");
  if (!isInstant(content.drafted_at, INSTANT) || !isInstant(content.deadline, SECONDS)) throw new Refused("malformed");
  if (!Array.isArray(parts) || parts.length === 0) throw new Refused("malformed");
  if (parts.length > MAX_PARTS) throw new Refused("too_many_parts", { most: String(MAX_PARTS) });
  const request = {
    title,
    origin,
    enterprise: log === null ? null : log[1],
    chainId: found[1],
    deadline: Date.parse(content.deadline),
    signers: readSigners(signers),
  };
  request.parts = parts.map((part, at) => readPart(part, at + 1, request.chainId));
  return request;
}

function readSigners(signers) {
  if (!isObject(signers) || Object.keys(signers).length === 0) throw new Refused("malformed");
  for (const [role, address] of Object.entries(signers)) {
    if (!ROLE.test(role) || readAddress(address) !== address) throw new Refused("malformed");
  }
  const addresses = Object.values(signers);
  if (new Set(addresses).size !== addresses.length) throw new Refused("one_person");
  return signers;
}

function readPart(part, number, chainId) {
  if (!isObject(part)) throw new Refused("malformed");
  if (part.kind !== "act") throw new Refused("with_records");
  requireNames(part, PART_NAMES);
  const { type, address, fields, contract } = part;
  if (typeof type !== "string" || !Object.hasOwn(ACTS, type)) throw new Refused("unknown_act", { act: String(type) });
  if (WITH_RECORD.includes(type)) throw new Refused("with_records");
  const kind = ACTS[type];
  if (contract !== kind.contract || readAddress(address) !== address) throw new Refused("malformed");
  const asked = placed({
    types: { EIP712Domain: [...DOMAIN, { name: "verifyingContract", type: "address" }], ...kind.types },
    primaryType: type,
    domain: { name: "CarbonSeal", version: "1", chainId, verifyingContract: address },
    message: fields,
  });
  return { number, type, contract, address, fields, asked, signers: signersOf(kind, asked.typedData.message) };
}

/** Give typed data with its text, from which alone it is shown and signed, and its digest. */
function placed(made) {
  const text = JSON.stringify(made);
  const typedData = JSON.parse(text);
  return { text, typedData, digest: digestOf(typedData) };
}

function signersOf(kind, message) {
  const signers = {};
  for (const [role, member] of kind.roles) signers[role] = message[member];
  const seats = message.seats ?? (message.seat === undefined ? [] : [message.seat]);
  seats.forEach((seat, at) => {
    signers[`seat-${at + 1}`] = seat.key;
  });
  return signers;
}

function wholeRequest(request, signer) {
  return {
    types: { EIP712Domain: DOMAIN, SigningRequest: WHOLE },
    primaryType: "SigningRequest",
    domain: { name: "CarbonSeal Request", version: "1", chainId: request.chainId },
    message: {
      title: request.title,
      origin: request.origin ?? "",
      contentHash: toHex(sha256(utf8(canonicalJson(request.content)))),
      signer,
      deadline: String(request.deadline / 1000),
    },
  };
}

// --- what must agree ---------------------------------------------------------------------------

function requireParts(request) {
  const named = Object.values(request.signers);
  for (const part of request.parts) {
    const { message } = part.asked.typedData;
    const strangers = Object.entries(part.signers).filter(
      ([role, address]) => !named.includes(address) || request.signers[role] !== address,
    );
    if (strangers.length > 0) throw new Refused("other_signers");
    if (message.deadline !== String(request.deadline / 1000)) throw new Refused("other_deadline");
    requireLog(request, message);
  }
}

function requireLog(request, message) {
  if (request.origin === null) {
    if (message.origin !== undefined || message.subject !== undefined) throw new Refused("other_log");
    return;
  }
  if (message.origin === undefined && message.subject === undefined) throw new Refused("other_log");
  if (message.origin !== undefined && message.origin !== request.origin) throw new Refused("other_log");
  if (message.subject !== undefined && message.subject.creditCode !== request.enterprise) throw new Refused("other_log");
}

function requireSignatures(request) {
  if (!Array.isArray(request.signatures)) throw new Refused("malformed");
  const seen = new Set();
  for (const entry of request.signatures) {
    if (!isObject(entry)) throw new Refused("malformed");
    requireNames(entry, ENTRY_NAMES);
    const address = readAddress(entry.signer);
    if (address !== entry.signer || roleOf(request, address) !== entry.role || seen.has(address)) throw new Refused("edited");
    seen.add(address);
    const questions = questionsFor(request, address);
    const parts = questions.filter(({ part }) => part > 0).map(({ part }) => String(part));
    if (!isObject(entry.parts)) throw new Refused("malformed");
    requireNames(entry.parts, parts);
    for (const { part, digest } of questions) {
      requireSigner(digest, part === 0 ? entry.request : entry.parts[String(part)], address);
    }
  }
}

function requireSigner(digest, signature, address) {
  let signer = null;
  try {
    signer = recoverAddress(digest, fromHex(signature, 65));
  } catch {
    // Told below: no key at all is as wrong as another one.
  }
  if (signer !== address) throw new Refused("edited");
}

function requireNames(content, names) {
  const found = Object.keys(content);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(content, name))) {
    throw new Refused("not_request");
  }
}

function isInstant(text, form) {
  if (typeof text !== "string" || !form.test(text)) return false;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return false;
  // A day that no month has is moved on by some browsers, and told of by others.
  return new Date(milliseconds).toISOString().startsWith(text.slice(0, 19));
}

function firstDifference(here, there, path) {
  if (isObject(here) && isObject(there)) {
    for (const name of [...new Set([...Object.keys(here), ...Object.keys(there)])]) {
      const found = firstDifference(here[name], there[name], `${path}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (Array.isArray(here) && Array.isArray(there) && here.length === there.length) {
    for (let at = 0; at < here.length; at += 1) {
      const found = firstDifference(here[at], there[at], `${path} ${at + 1}`);
      if (found !== null) return found;
    }
    return null;
  }
  const shown = (value) => (JSON.stringify(value) ?? "").slice(0, MAX_SHOWN);
  return here === there ? null : { path, here: shown(here), there: shown(there) };
}
