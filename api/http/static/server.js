/**
 * This place's operations, as the signing page uses them: a session, a comparison, a handing in.
 *
 * The session's token is in a cookie that no script can read; nothing is kept by the page.
 *
 * Source: `docs/http.md`, `docs/access.md`; EIP-4361; RFC 9457 (problems).
 */

import { isObject, Refused, toHex } from "./bytes.js";

const TIMEOUT_MS = 30_000;
const WAIT_S = 10;
const STATEMENT = "Sign in to CarbonSeal. This signs no act and moves nothing.";
const NONCE = /^[A-Za-z0-9]{8,128}$/;
const PARTY = /^[A-Za-z0-9.\-]{1,100}$/;
const ENDS = ["final", "failed"];
const BUSY = [429, 503];

/** An answer that says no, in words for people. */
export class Problem extends Error {
  constructor({ status, code, title, detail, next_step: nextStep }) {
    super(String(code));
    this.status = status;
    this.code = String(code ?? status);
    this.title = String(title ?? status);
    this.detail = String(detail ?? "");
    this.nextStep = String(nextStep ?? "");
  }
}

/** Ask one operation; gives the answer's JSON, or null where it has none. */
export async function ask(method, path, { body, headers = {}, language = "en" } = {}) {
  const sent = { accept: "application/json", "accept-language": language, ...headers };
  if (body !== undefined) sent["content-type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Refused("server_away");
  }
  const found = answer.status === 204 ? null : await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Problem(isObject(found) ? found : { status: answer.status });
  if (found === undefined) throw new Refused("server_answer");
  return { found, date: answer.headers.get("date") };
}

/** Give who one is here, or null for nobody. */
export async function whoAmI(language) {
  try {
    const { found } = await ask("GET", "/v1/auth/me", { language });
    return typeof found.address === "string" ? found : null;
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 401) return null;
    throw fault;
  }
}

/**
 * Draw a nonce, and write the text that an account signs to log in.
 *
 * A server that asks for a text for another place, or for one that says more, gets none.
 */
export async function loginText(address, party, language) {
  const { found, date } = await ask("POST", "/v1/auth/nonces", { body: { purpose: "session" }, language });
  if (found.uri !== location.origin || found.domain !== location.host) {
    throw new Refused("other_place", { there: String(found.uri), here: location.origin });
  }
  if (found.statement !== STATEMENT || !NONCE.test(found.nonce) || !Number.isSafeInteger(found.chain_id)) {
    throw new Refused("other_text");
  }
  if (party !== "" && !PARTY.test(party)) throw new Refused("party_form");
  // The server's clock counts, so that a browser whose clock is wrong can log in.
  const now = new Date(date === null ? Date.now() : Date.parse(date)).toISOString();
  return [
    `${found.domain} wants you to sign in with your Ethereum account:`,
    address,
    "",
    STATEMENT,
    "",
    `URI: ${found.uri}`,
    "Version: 1",
    `Chain ID: ${found.chain_id}`,
    `Nonce: ${found.nonce}`,
    `Issued At: ${now.slice(0, 19)}Z`,
    ...(party === "" ? [] : ["Resources:", `- urn:carbonseal:party:${party}`]),
  ].join("\n");
}

/** Begin a session with a signed text. */
export async function logIn(message, signature, language) {
  const body = { message, signature: toHex(signature), cookie: true };
  await ask("POST", "/v1/auth/sessions", { body, language });
}

/** End the session. */
export async function logOut(language) {
  await ask("DELETE", "/v1/auth/sessions/current", { language });
}

/** Ask what a wallet would be asked to sign for an act, by this place's reckoning. */
export async function typedDataFor(type, fields, language) {
  return (await ask("POST", "/v1/acts/typed-data", { body: { type, fields }, language })).found;
}

/** Hand an act in; the same key for the same try, so that an answer that was lost does no harm. */
export async function handIn(body, key, language) {
  const headers = { "idempotency-key": key };
  return (await ask("POST", "/v1/acts", { body, headers, language })).found;
}

/** Follow an act until it has come to its end; `tell` is called with every state. */
export async function follow(digest, { tell, timeoutMs, language }) {
  const until = Date.now() + timeoutMs;
  const headers = { prefer: `wait=${WAIT_S}` };
  for (;;) {
    const found = await looked(digest, headers, language);
    if (found !== null) tell(found);
    if (found !== null && ENDS.includes(found.state)) return found;
    if (Date.now() > until) throw new Refused("not_final");
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Look at an operation; null where the server is too busy to say. */
async function looked(digest, headers, language) {
  try {
    const { found } = await ask("GET", `/v1/operations/${digest}`, { headers, language });
    if (found.id !== digest) throw new Refused("server_answer");
    return found;
  } catch (fault) {
    if (fault instanceof Problem && BUSY.includes(fault.status)) return null;
    throw fault;
  }
}

/** Give a random name for a request; `randomUUID` is not there on pages by http. */
export function randomKey() {
  return toHex(crypto.getRandomValues(new Uint8Array(16))).slice(2);
}
