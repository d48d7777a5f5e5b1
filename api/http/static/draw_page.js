/**
 * The page that replays a draw: the seed from what was published, and the entries it gives.
 *
 * It asks no server: everything is worked out from what is typed or read from files here.
 *
 * Source: `docs/formats/sampling.md`; CONTRACTS section 5.
 */

import { visible } from "./act_words.js";
import { fromHex, Refused, toHex } from "./bytes.js";
import { drawSeed } from "./draw.js";
import { drawStratum, MAX_BYTES, readCase, readPlan, typedStratum } from "./draw_inputs.js";
import { WORDS } from "./draw_words.js";
import { byId, chosenFile, element, pairs, sentence } from "./page.js";

const NONCES = ["nonce-verifier", "nonce-enterprise", "nonce-authority"];
const MOST_SHOWN = 10_000;

let plan = null;
let published = null;

function say(code, values) {
  return sentence(WORDS, code, values);
}

function tell(kind, text) {
  const line = byId("message");
  line.className = `message ${kind}`;
  line.textContent = text;
  line.hidden = text === "";
}

/** Let a handler say what it refuses. */
function guarded(work) {
  return async (event) => {
    event.preventDefault();
    tell("", "");
    try {
      await work();
    } catch (fault) {
      byId("result").replaceChildren();
      tell("bad", visible(fault instanceof Refused ? say(fault.code, fault.values) : String(fault)));
    }
  };
}

async function bytesOf(input) {
  const file = await chosenFile(input, MAX_BYTES);
  if (file !== null && file.bytes === null) throw new Refused("too_large");
  return file?.bytes ?? null;
}

async function openCase() {
  published = null;
  const bytes = await bytesOf(byId("case-file"));
  if (bytes === null) return;
  published = readCase(bytes);
  byId("inventory").value = published.inventory;
  byId("plan-hash").value = published.planHash;
  byId("block-hash").value = published.blockHash;
  NONCES.forEach((id, at) => {
    byId(id).value = published.nonces[at] ?? "";
  });
  tell("good", say("read_case", { version: String(published.version), draw: String(published.draw) }));
}

async function openPlan() {
  plan = null;
  byId("by-hand").hidden = false;
  const bytes = await bytesOf(byId("plan-file"));
  if (bytes === null) return;
  plan = readPlan(bytes);
  byId("population-root").value = plan.populationRoot;
  if (byId("plan-hash").value.trim() === "") byId("plan-hash").value = plan.hash;
  if (byId("inventory").value.trim() === "") byId("inventory").value = plan.inventory;
  byId("by-hand").hidden = true;
  tell("good", say("read_plan", { strata: String(plan.strata.length) }));
}

function draw() {
  const word = (id) => fromHex(byId(id).value.trim(), 32);
  const nonces = NONCES.map((id) => (byId(id).value.trim() === "" ? null : word(id)));
  const parts = {
    inventory: word("inventory"),
    planHash: word("plan-hash"),
    populationRoot: word("population-root"),
    blockHash: word("block-hash"),
    nonces,
  };
  requirePlan(parts);
  const seed = drawSeed(parts);
  const isStrict = nonces.includes(null);
  const strata = plan?.strata ?? [
    typedStratum(byId("stratum").value.trim(), byId("population").value.trim(), byId("size").value.trim()),
  ];
  show(seed, isStrict, strata);
}

function requirePlan(parts) {
  if (plan === null) return;
  if (plan.hash !== toHex(parts.planHash)) throw new Refused("other_plan", { hash: plan.hash });
  const isOther = plan.inventory !== toHex(parts.inventory) || plan.populationRoot !== toHex(parts.populationRoot);
  const isOtherDraw = published !== null && (plan.version !== published.version || plan.draw !== published.draw);
  if (isOther || isOtherDraw) throw new Refused("other_draw");
}

function show(seed, isStrict, strata) {
  const text = toHex(seed);
  const rows = strata.map((stratum) => {
    const drawn = drawStratum(seed, stratum, isStrict);
    const list = drawn === null ? say("everything") : drawn.slice(0, MOST_SHOWN).join(", ") || say("nothing");
    const more = drawn !== null && drawn.length > MOST_SHOWN ? " …" : "";
    const count = { count: String(drawn?.length ?? stratum.population), population: String(stratum.population) };
    return [
      [element("code", "", stratum.name), element("span", "quiet", ` ${say("count", count)}`)],
      element("span", "numbers", list + more),
    ];
  });
  const about = [];
  if (published === null) about.push(element("p", "quiet", say("seed_alone")));
  else if (published.seed === text) about.push(element("p", "held", say("seed_same")));
  else about.push(element("p", "failed", say("seed_differs", { seed: published.seed })));
  if (plan !== null) about.push(element("p", "held", say("plan_same")));
  if (isStrict) about.push(element("p", "could_not_check", say("strict")));
  const seedRow = [[[say("seed")], element("code", "", text)]];
  const result = byId("result");
  result.replaceChildren(...about, pairs(seedRow), element("h2", "", say("drawn")), pairs(rows));
  result.hidden = false;
}

byId("app").hidden = false;
byId("case-file").addEventListener("change", guarded(openCase));
byId("plan-file").addEventListener("change", guarded(openPlan));
byId("draw-form").addEventListener("submit", guarded(async () => draw()));
