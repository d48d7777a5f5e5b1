/**
 * An act in words: each field under the name that the wallet shows, with what its value means.
 *
 * The same words as the command's (`carbonseal sign`); codes and names come from there.
 */

import { ACTS, CODES, FIELDS, SPANNED, SPANS, TIMES } from "./acts.js";

const END_OF_CALENDAR = 253402300800n;

/** Give what an act does. */
export function titleOf(type, language) {
  return ACTS[type].title[language];
}

/**
 * Give an act's fields, of typed data's message.
 *
 * @returns {Array<{path: string, label: string, word: string}>} `path` as a wallet names it.
 */
export function fieldsInWords(type, message, language, prefix = "") {
  return Object.entries(message).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (Array.isArray(value) && value.length > 0 && typeof value[0] === "object") {
      return value.flatMap((each, at) => fieldsInWords(type, each, language, `${path} ${at + 1}.`));
    }
    if (!Array.isArray(value) && typeof value === "object") {
      return fieldsInWords(type, value, language, `${path}.`);
    }
    const values = Array.isArray(value) ? value : [value];
    const words = values.map((each) => wordOf(type, name, String(each), language));
    const none = language === "zh" ? "无" : "none";
    return [{ path, label: labelOf(name, language), word: words.join(", ") || (Array.isArray(value) ? none : "") }];
  });
}

/** Give the name of a field in a language. */
export function labelOf(name, language) {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name][language] : name;
}

/**
 * Make what cannot be seen visible: characters that turn, hide or join others.
 *
 * A file may be hostile: a name that reads backwards must not read as another one.
 */
export function visible(text) {
  return text.replace(/(?! )[\p{C}\p{Z}\u115f\u1160\u3164\uffa0\u2800]/gu, (found) => {
    return `[U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

function wordOf(type, name, text, language) {
  const codes = Object.hasOwn(CODES, name) ? CODES[name] : null;
  if (codes !== null && codes.acts.includes(type) && Object.hasOwn(codes.words, text)) {
    return `${text} (${codes.words[text][language]})`;
  }
  if (name === "total_tCO2e") return `${text} t CO2e`;
  if (TIMES.includes(name) || (SPANS.includes(name) && SPANNED.includes(type))) return timeInWords(text, language);
  return text;
}

function timeInWords(text, language) {
  const seconds = BigInt(text);
  if (seconds >= END_OF_CALENDAR) {
    return `${text} (${language === "zh" ? "晚于公元9999年" : "beyond the year 9999"})`;
  }
  return `${text} (${new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z")})`;
}
