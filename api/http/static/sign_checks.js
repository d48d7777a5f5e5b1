/**
 * What has to hold before a wallet is asked: of the file, the server, and the wallet itself.
 *
 * Each is held, failed, done, or could not be checked; only where all have held is anything signed.
 */

import { missingRoles, roleOf } from "./requests.js";
import { roleWord } from "./sign_view.js";

/** Give the account that is to sign: the first one of the wallet that is asked and has not. */
export function signingAccount({ request, accounts }) {
  const signed = request.signatures.map((entry) => entry.signer);
  const named = accounts.filter((each) => roleOf(request, each) !== null);
  return named.find((each) => !signed.includes(each)) ?? named[0] ?? null;
}

/** Give what is compared of a request, the server's answers and the wallet, and what came of it. */
export function checksOf({ request, server, accounts, chainId }) {
  const all = Object.keys(request.signers).length;
  const found = [
    { code: "check_form", outcome: "held" },
    { code: "check_signatures", values: { signed: String(request.signatures.length), all: String(all) }, outcome: "held" },
    { code: "check_deadline", outcome: Date.now() <= request.deadline ? "held" : "failed", detail: ["expired"] },
  ];
  const differing = server.find((each) => each.difference !== null);
  const unanswered = server.find((each) => each.fault !== null);
  if (differing) found.push({ code: "check_server", outcome: "failed", detail: ["difference", differing.difference] });
  else if (unanswered) found.push({ code: "check_server", outcome: "could_not_check", detail: [unanswered.fault] });
  else found.push({ code: "check_server", outcome: "held" });
  const chain = { code: "check_chain", values: { chain: `eip155:${request.chainId}` } };
  if (chainId === null) found.push({ ...chain, outcome: "could_not_check", detail: ["wallet_missing"] });
  else if (chainId === request.chainId) found.push({ ...chain, outcome: "held" });
  else found.push({ ...chain, outcome: "failed", detail: ["wrong_chain", { here: request.chainId, there: chainId }] });
  found.push(checkAccount(request, accounts));
  return found;
}

function checkAccount(request, accounts) {
  const code = "check_account";
  const account = signingAccount({ request, accounts });
  const role = account === null ? "?" : roleWord(roleOf(request, account));
  if (accounts.length === 0) return { code, values: { role }, outcome: "could_not_check", detail: ["wallet_missing"] };
  if (account === null) {
    const asked = missingRoles(request).map((each) => request.signers[each]).join(", ");
    return { code, values: { role }, outcome: "failed", detail: ["wrong_account", { account: accounts[0], asked }] };
  }
  const signed = request.signatures.some((entry) => entry.signer === account);
  return signed
    ? { code, values: { role }, outcome: "done", detail: ["signed_already"] }
    : { code, values: { role }, outcome: "held" };
}
