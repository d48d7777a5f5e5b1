/**
 * What the pages build their parts with: elements whose text is only ever text.
 *
 * Nothing here takes markup; the pages' policy (`require-trusted-types-for`) would refuse it too.
 */

export const LANGUAGE = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/** Give an element of the page by its id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Make an element with text or elements in it. */
export function element(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content);
  return made;
}

/** Make a table of which the first cell of each row is its heading. */
export function pairs(rows) {
  const body = rows.map(([heading, ...cells]) => {
    const head = element("th", "", ...heading);
    head.scope = "row";
    return element("tr", "", head, ...cells.map((cell) => element("td", "", ...[cell].flat())));
  });
  return element("table", "pairs", element("tbody", "", ...body));
}

/** Fill a sentence's `{names}` with values; a code without a sentence shows itself. */
export function sentence(words, code, values = {}) {
  const found = Object.hasOwn(words, code) ? words[code] : null;
  const text = found === null ? code : found[LANGUAGE];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}

/** Read a file that a person chose; null where there is none. */
export async function chosenFile(input, most) {
  const [file] = input.files;
  if (file === undefined) return null;
  if (file.size > most) return { name: file.name, bytes: null };
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

/** Give a text away as a file, through a link that a person follows. */
export function offer(link, name, text) {
  if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
}
