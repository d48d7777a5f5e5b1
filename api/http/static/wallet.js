/**
 * Wallets in the browser: found, asked for accounts and chain, and asked to sign.
 *
 * What a wallet answers is checked like everything from outside.
 *
 * Source: EIP-1193 (provider), EIP-6963 (discovery), EIP-3326 (switching), EIP-191, EIP-712.
 */

import { fromHex, Refused, toHex, utf8 } from "./bytes.js";
import { readAddress } from "./secp256k1.js";

const REFUSED_BY_USER = 4001;
const UNKNOWN_CHAIN = 4902;
const UNDER_WAY = -32002;
const MAX_NAME = 60;

/** Look for wallets; `found` is called with each, as `{name, provider}`. */
export function discover(found) {
  const seen = new Set();
  const add = (provider, name) => {
    if (typeof provider?.request !== "function" || seen.has(provider)) return;
    seen.add(provider);
    found({ name: String(name).slice(0, MAX_NAME), provider });
  };
  window.addEventListener("eip6963:announceProvider", (event) => {
    add(event.detail?.provider, event.detail?.info?.name ?? "EIP-6963");
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  if (window.ethereum) add(window.ethereum, "window.ethereum");
  // Some wallets come after the page.
  window.addEventListener("ethereum#initialized", () => add(window.ethereum, "window.ethereum"), { once: true });
}

/** One wallet. */
export class Wallet {
  #provider;

  constructor({ name, provider }) {
    this.name = name;
    this.#provider = provider;
  }

  /** Say whether this is the wallet that was found as `other`. */
  is(other) {
    return this.#provider === other.provider;
  }

  /** Call a function whenever accounts or chain become others. */
  watch(changed) {
    if (typeof this.#provider.on !== "function") return;
    this.#provider.on("accountsChanged", changed);
    this.#provider.on("chainChanged", changed);
  }

  /** Ask the person which accounts this page may see. */
  async connect() {
    return readAccounts(await this.#ask("eth_requestAccounts"));
  }

  /** Give the accounts that this page may see, none where it was not asked yet. */
  async accounts() {
    return readAccounts(await this.#ask("eth_accounts"));
  }

  /** Give the number of the chosen chain, as decimal text. */
  async chainId() {
    const found = await this.#ask("eth_chainId");
    if (typeof found !== "string" || !/^0x[0-9a-fA-F]{1,16}$/.test(found)) throw new Refused("wallet_answer");
    return BigInt(found).toString();
  }

  /** Ask the wallet to choose a chain. */
  async switchTo(chainId) {
    await this.#ask("wallet_switchEthereumChain", [{ chainId: `0x${BigInt(chainId).toString(16)}` }]);
  }

  /** Let an account sign a text (EIP-191). */
  async signText(address, text) {
    return readSignature(await this.#ask("personal_sign", [toHex(utf8(text)), address]));
  }

  /** Let an account sign typed data (EIP-712), given as the text that is also shown. */
  async signTypedData(address, text) {
    return readSignature(await this.#ask("eth_signTypedData_v4", [address, text]));
  }

  async #ask(method, params = []) {
    try {
      return await this.#provider.request({ method, params });
    } catch (fault) {
      throw refusalOf(fault);
    }
  }
}

function refusalOf(fault) {
  switch (fault?.code) {
    case REFUSED_BY_USER:
      return new Refused("wallet_refused");
    case UNKNOWN_CHAIN:
      return new Refused("wallet_unknown_chain");
    case UNDER_WAY:
      return new Refused("wallet_under_way");
    default:
      return new Refused("wallet_failed", { detail: String(fault?.message ?? fault).slice(0, 200) });
  }
}

function readAccounts(found) {
  if (!Array.isArray(found)) throw new Refused("wallet_answer");
  return found.map((each) => readAddress(each));
}

/** Read 65 bytes; some wallets count the last one from 0. */
function readSignature(found) {
  if (typeof found !== "string") throw new Refused("wallet_answer");
  let bytes;
  try {
    bytes = fromHex(found.toLowerCase(), 65);
  } catch {
    throw new Refused("wallet_answer");
  }
  if (bytes[64] < 2) bytes[64] += 27;
  return bytes;
}
