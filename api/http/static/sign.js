/**
 * The signing page: a wallet, a request's file, what is compared, the signature, the handing in.
 *
 * Each step can be repeated; a refusal loses nothing. Whatever is shown of an act is read from the
 * typed data whose text goes to the wallet, and the wallet's signature is checked against it.
 *
 * Source: `docs/signing-page.md`; SCREENS sections 1c and 2.1 (sign-off).
 */

import { Refused, toHex } from "./bytes.js";
import { byId, chosenFile, LANGUAGE, offer, sentence } from "./page.js";
import {
  differenceFrom, fileText, handInBody, MAX_BYTES, missingRoles, questionsFor, readRequest, roleOf, withSignatures,
} from "./requests.js";
import { recoverAddress } from "./secp256k1.js";
import { follow, handIn, logIn, loginText, logOut, Problem, randomKey, typedDataFor, whoAmI } from "./server.js";
import { checksOf, signingAccount } from "./sign_checks.js";
import { roleWord, showChecks, showOperations, showRequest, showWallet } from "./sign_view.js";
import { WORDS } from "./sign_words.js";
import { discover, Wallet } from "./wallet.js";

const FOLLOW_MS = 180_000;

const state = {
  wallet: null,
  accounts: [],
  chainId: null,
  caller: null,
  request: null,
  fileName: "",
  /** Of each act: null where the server agrees, or what came instead. */
  server: null,
  /** Signatures given so far, by account and part, until all of one account are there. */
  given: new Map(),
  /** Keys of handings in that were not answered, by digest. */
  keys: new Map(),
  operations: new Map(),
};

// --- one thing at a time -------------------------------------------------------------------------

let isBusy = false;

/** Let a button do something once at a time, and say beside it what came of it. */
function onClick(id, place, work) {
  byId(id).addEventListener("click", () => during(place, work));
}

async function during(place, work) {
  if (isBusy) return;
  isBusy = true;
  refresh();
  tell(place, "", "");
  try {
    await work();
  } catch (fault) {
    tell(place, "bad", ...wordsOf(fault));
  } finally {
    isBusy = false;
    refresh();
  }
}

function wordsOf(fault) {
  if (fault instanceof Refused) return [fault.code, fault.values];
  if (fault instanceof Problem) return [[fault.title, fault.detail, fault.nextStep].filter(Boolean).join(" — ")];
  return [String(fault)];
}

function tell(place, kind, code, values = {}) {
  const line = byId(`${place}-message`);
  line.className = `message ${kind}`;
  line.textContent = code === "" ? "" : sentence(WORDS, code, values);
  line.hidden = code === "";
}

// --- 1. wallet and session -----------------------------------------------------------------------

function meetWallets() {
  const list = byId("wallets");
  discover((found) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sentence(WORDS, "connect_to", { name: found.name });
    button.addEventListener("click", () => during("wallet", () => connect(found)));
    list.append(button);
    tell("wallet", "", "");
  });
  if (list.childElementCount === 0) tell("wallet", "open", "no_wallet");
}

async function connect(found) {
  const isKnown = state.wallet?.is(found) ?? false;
  const wallet = isKnown ? state.wallet : new Wallet(found);
  state.accounts = await wallet.connect();
  if (!isKnown) wallet.watch(() => lookAgain(wallet));
  state.wallet = wallet;
  state.chainId = await wallet.chainId();
  tell("wallet", "good", "connected");
}

/** Ask the wallet again: people change account and network there at any time. */
async function lookAgain(wallet) {
  if (state.wallet !== wallet) return;
  try {
    [state.accounts, state.chainId] = [await wallet.accounts(), await wallet.chainId()];
  } catch (fault) {
    [state.accounts, state.chainId] = [[], null];
    tell("wallet", "bad", ...wordsOf(fault));
  }
  refresh();
}

function connectedWallet() {
  if (state.wallet === null || state.accounts.length === 0) throw new Refused("wallet_missing");
  return state.wallet;
}

async function enter() {
  const [wallet, [address]] = [connectedWallet(), state.accounts];
  const text = await loginText(address, byId("party").value.trim(), LANGUAGE);
  await logIn(text, await wallet.signText(address, text), LANGUAGE);
  state.caller = await whoAmI(LANGUAGE);
  tell("wallet", "good", "logged_in");
}

async function leave() {
  await logOut(LANGUAGE);
  state.caller = await whoAmI(LANGUAGE);
  tell("wallet", "good", "logged_out");
}

// --- 2. and 3. the file, and what is compared ----------------------------------------------------

async function open() {
  [state.request, state.server, state.operations] = [null, null, new Map()];
  state.given.clear();
  const file = await chosenFile(byId("file"), MAX_BYTES);
  if (file === null) return;
  if (file.bytes === null) throw new Refused("too_large");
  state.fileName = file.name;
  state.request = readRequest(file.bytes);
  tell("file", "good", missingRoles(state.request).length === 0 ? "ready" : "opened");
  await compare();
}

/** Ask the server what it would have signed; one that does not answer has not been compared. */
async function compare() {
  state.server = [];
  for (const part of state.request.parts) {
    try {
      const answer = await typedDataFor(part.type, part.fields, LANGUAGE);
      state.server.push({ difference: differenceFrom(part, answer), fault: null });
    } catch (fault) {
      state.server.push({ difference: null, fault: sentence(WORDS, ...wordsOf(fault)) });
    }
  }
}

// --- 4. signing ----------------------------------------------------------------------------------

async function sign() {
  const wallet = connectedWallet();
  // As it is now, not as it was when the page last heard of it.
  await lookAgain(wallet);
  const failed = checksOf(state).find((each) => each.outcome !== "held");
  if (failed) throw new Refused(...(failed.detail ?? ["unchecked"]));
  const { request } = state;
  const account = signingAccount(state);
  const questions = questionsFor(request, account);
  const given = state.given.get(account) ?? new Map();
  state.given.set(account, given);
  for (const [at, question] of questions.entries()) {
    if (given.has(question.part)) continue;
    tell("sign", "open", "asking", { number: String(at + 1), all: String(questions.length) });
    const signature = await wallet.signTypedData(account, question.text);
    requireOwn(signature, question.digest, account);
    given.set(question.part, toHex(signature));
  }
  state.request = withSignatures(request, account, given);
  state.given.clear();
  const role = roleWord(roleOf(request, account));
  const missing = missingRoles(state.request).map(roleWord).join(", ");
  offer(byId("download"), signedName(), fileText(state.request.document));
  tell("sign", "good", missing === "" ? "complete" : "signed", { role, missing });
}

function requireOwn(signature, digest, account) {
  let signer = null;
  try {
    signer = recoverAddress(digest, signature);
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
  }
  if (signer !== account) throw new Refused("wrong_signature", { account });
}

function signedName() {
  const stem = state.fileName.replace(/(\.signed)?\.json$/i, "").replace(/[^\p{L}\p{N}._-]/gu, "_").slice(0, 80);
  return `${stem || "request"}.signed.json`;
}

// --- 5. handing in -------------------------------------------------------------------------------

async function handAllIn() {
  const { request } = state;
  if (state.caller === null) throw new Refused("not_logged_in");
  for (const part of request.parts) {
    const digest = toHex(part.asked.digest);
    if (state.operations.get(digest)?.state === "final") continue;
    const key = state.keys.get(digest) ?? randomKey();
    state.keys.set(digest, key);
    const tellState = (operation) => {
      state.operations.set(digest, operation);
      showOperations(request, state.operations);
    };
    try {
      tellState(await handIn(handInBody(request, part), key, LANGUAGE));
    } catch (fault) {
      // A definite no gives the key back; an answer that was lost keeps it.
      if (fault instanceof Problem && fault.status < 500) state.keys.delete(digest);
      throw fault;
    }
    const end = await follow(digest, { tell: tellState, timeoutMs: FOLLOW_MS, language: LANGUAGE });
    state.keys.delete(digest);
    if (end.state === "failed") throw new Refused("act_failed", { detail: String(end.fault?.detail ?? "?") });
  }
  tell("hand-in", "good", "handed_in");
}

// --- what is shown -------------------------------------------------------------------------------

function refresh() {
  const { wallet, accounts, request, server, caller } = state;
  showWallet(state);
  const connected = wallet !== null && accounts.length > 0;
  byId("log-in").disabled = isBusy || !connected;
  byId("log-out").disabled = isBusy || caller === null;
  byId("file").disabled = isBusy;
  byId("request-step").hidden = request === null;
  const compared = request !== null && server !== null && server.length === request.parts.length;
  byId("checks-step").hidden = !compared;
  byId("sign-step").hidden = request === null;
  byId("hand-in-step").hidden = request === null;
  if (request === null) return;
  showRequest(request, accounts);
  const found = compared ? checksOf(state) : [];
  showChecks(found);
  const chain = found.find((each) => each.code === "check_chain");
  byId("switch").hidden = !(connected && chain?.outcome === "failed");
  byId("switch").disabled = isBusy;
  byId("again").hidden = found.every((each) => each.outcome !== "could_not_check" || each.code !== "check_server");
  byId("again").disabled = isBusy;
  byId("sign").disabled = isBusy || !compared || found.some((each) => each.outcome !== "held");
  const complete = missingRoles(request).length === 0;
  byId("download").hidden = !byId("download").href.startsWith("blob:");
  byId("hand-in").disabled = isBusy || !complete || caller === null;
  byId("hand-in-hint").hidden = complete && caller !== null;
  showOperations(request, state.operations);
}

async function start() {
  byId("app").hidden = false;
  onClick("log-in", "wallet", enter);
  onClick("log-out", "wallet", leave);
  onClick("switch", "checks", async () => {
    const wallet = connectedWallet();
    await wallet.switchTo(state.request.chainId);
    await lookAgain(wallet);
  });
  onClick("again", "checks", compare);
  onClick("sign", "sign", sign);
  onClick("hand-in", "hand-in", handAllIn);
  byId("file").addEventListener("change", () => {
    byId("download").removeAttribute("href");
    for (const place of ["sign", "hand-in", "checks"]) tell(place, "", "");
    during("file", open);
  });
  refresh();
  meetWallets();
  try {
    state.caller = await whoAmI(LANGUAGE);
  } catch (fault) {
    tell("wallet", "bad", ...wordsOf(fault));
  }
  refresh();
}

start();
