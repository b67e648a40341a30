// French typography of our own sentences (SCREENS 6.2). `node scripts/typography.mjs` corrects fr.json.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NBSP = "\u00a0";
const NARROW = "\u202f";
/** Addresses keep their signs. */
const ADDRESS = /(https?:\/\/\S+|\S+@\S+)/;

/** Return `text` with the spaces, apostrophes and points French wants. */
export function frTypo(text) {
  return text
    .split(ADDRESS)
    .map((part, i) => (i % 2 ? part : correct(part)))
    .join("");
}

function correct(text) {
  return text
    .replace(/\.\.\./g, "…")
    .replace(/'/g, "’")
    .replace(/[ \u00a0\u202f]*([;!?]+)/g, `${NARROW}$1`)
    .replace(/[ \u00a0\u202f]*:(?=[\s\u00a0]|$)/g, `${NBSP}:`)
    .replace(/«[ \u00a0\u202f]*/g, `«${NBSP}`)
    .replace(/[ \u00a0\u202f]*»/g, `${NBSP}»`)
    .replace(/ %/g, `${NBSP}%`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL("../src/locales/fr.json", import.meta.url);
  const apply = (value) =>
    typeof value === "string"
      ? frTypo(value)
      : Object.fromEntries(Object.entries(value).map(([form, text]) => [form, frTypo(text)]));
  const sentences = Object.entries(JSON.parse(readFileSync(path, "utf8")));
  const fixed = Object.fromEntries(sentences.map(([key, value]) => [key, apply(value)]));
  writeFileSync(path, `${JSON.stringify(fixed, null, 2)}\n`);
}
