/** What the signing page shows of a wallet, a request, its checks, and its operations. */

import { fieldsInWords, titleOf, visible } from "./act_words.js";
import { toHex } from "./bytes.js";
import { byId, element, LANGUAGE, pairs, sentence } from "./page.js";
import { WORDS } from "./sign_words.js";

/** Give a role in words. */
export function roleWord(role) {
  return role.startsWith("seat-") ? `${say("role_seat")} ${role.slice(5)}` : say(`role_${role}`);
}

/** Show which account and chain the wallet has, and whose session this is. */
export function showWallet({ accounts, chainId, caller }) {
  const rows = [];
  if (accounts.length > 0) rows.push([[say("account")], element("code", "", accounts[0])]);
  if (chainId !== null) rows.push([[say("chain")], element("code", "", `eip155:${chainId}`)]);
  rows.push([[say("session")], caller === null ? say("no_session") : visible(sessionOf(caller))]);
  byId("wallet-state").replaceChildren(pairs(rows));
}

/** Show a request: what the file says of itself, every act, and who must sign. */
export function showRequest(request, accounts) {
  const rows = [
    [[say("title")], visible(request.title)],
    [[say("chain")], element("code", "", request.content.chain)],
    [[say("deadline")], request.content.deadline],
  ];
  if (request.origin !== null) rows.splice(1, 0, [[say("log")], visible(request.origin)]);
  byId("request").replaceChildren(pairs(rows), ...request.parts.map(actOf), signersOf(request, accounts));
}

/** Show what was compared, and what came of it. */
export function showChecks(checks) {
  const items = checks.map(({ code, values, outcome, detail }) => {
    const item = element("li", outcome, element("b", "", say(outcome)), " ", say(code, values));
    if (detail && outcome !== "held") item.append(element("p", "quiet", visible(say(...detail))));
    return item;
  });
  byId("checks").replaceChildren(...items);
}

/** Show how far each act has come. */
export function showOperations(request, operations) {
  const items = request.parts.flatMap((part) => {
    const found = operations.get(toHex(part.asked.digest));
    if (found === undefined) return [];
    const state = String(found.state);
    const rows = [
      [[say("state")], element("b", state === "failed" ? "failed" : state === "final" ? "held" : "", say(`state_${state}`))],
    ];
    if (found.transaction !== null) rows.push([[say("transaction")], element("code", "", visible(String(found.transaction)))]);
    if (found.block_number !== null) rows.push([[say("block")], visible(String(found.block_number))]);
    return [element("li", "", titleOf(part.type, LANGUAGE), pairs(rows))];
  });
  byId("operations").replaceChildren(...items);
}

function sessionOf({ party, role, right }) {
  const words = { party: String(party), role: say(`party_${role}`), right: say(`role_${right}`) };
  return say("session_of", words);
}

function actOf(part) {
  const { message } = part.asked.typedData;
  const heading = say("act", { number: String(part.number), title: titleOf(part.type, LANGUAGE) });
  const rows = fieldsInWords(part.type, message, LANGUAGE).map(({ path, label, word }) => [
    [label, element("code", "", path)],
    element("bdi", "", visible(word)),
  ]);
  const place = [
    [[say("contract")], [part.contract, " ", element("code", "", part.address)]],
    [[say("digest")], element("code", "", toHex(part.asked.digest))],
  ];
  const exact = element(
    "details",
    "",
    element("summary", "", say("technical")),
    element("pre", "", visible(JSON.stringify(part.asked.typedData, null, 1)).replaceAll("[U+000A]", "\n")),
  );
  return element("section", "act", element("h3", "", heading), pairs(rows), pairs(place), exact);
}

function signersOf(request, accounts) {
  const signed = request.signatures.map((entry) => entry.signer);
  const rows = Object.entries(request.signers).map(([role, address]) => {
    const done = signed.includes(address);
    const mark = element("span", done ? "held" : "could_not_check", say(done ? "has_signed" : "has_not_signed"));
    const own = accounts.includes(address) ? [" ", element("em", "", `(${say("you")})`)] : [];
    return [[roleWord(role)], [element("code", "", address), " ", mark, ...own]];
  });
  return element("section", "signers", element("h3", "", say("signer")), pairs(rows));
}

function say(code, values) {
  return sentence(WORDS, code, values);
}
