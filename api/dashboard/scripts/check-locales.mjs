// Fails when a sentence is missing, unused, differs in its placeholders or plurals, or breaks French typography.
import { readFileSync, readdirSync } from "node:fs";
import { frTypo } from "./typography.mjs";

const PLURALS = { en: ["one", "other"], fr: ["many", "one", "other"] };
const source = new URL("../src/", import.meta.url);
const read = (language) => JSON.parse(readFileSync(new URL(`locales/${language}.json`, source), "utf8"));
const catalogues = { en: read("en"), fr: read("fr") };
const problems = [];

const forms = (value) => (typeof value === "string" ? [value] : Object.values(value));
const placeholders = (value) => [...new Set(forms(value).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort().join(" ");

for (const key of new Set([...Object.keys(catalogues.en), ...Object.keys(catalogues.fr)])) {
  const [en, fr] = [catalogues.en[key], catalogues.fr[key]];
  if (en === undefined || fr === undefined) {
    problems.push(`${key}: missing in ${en === undefined ? "en" : "fr"}`);
    continue;
  }
  if (placeholders(en) !== placeholders(fr)) problems.push(`${key}: placeholders differ`);
  for (const [language, value] of Object.entries({ en, fr })) {
    const plural = typeof value === "object" && Object.keys(value).sort().join() !== PLURALS[language].join();
    if (plural) problems.push(`${key}: ${language} needs the plurals ${PLURALS[language].join(", ")}`);
    if (forms(value).some((text) => text.includes("'") || text.includes("..."))) problems.push(`${key}: typewriter sign in ${language}`);
  }
  for (const text of forms(fr)) if (frTypo(text) !== text) problems.push(`${key}: French spaces, expected ${JSON.stringify(frTypo(text))}`);
}

/** Keys as the code names them: whole, or the start of a template (`publication.${state}`). */
const code = readdirSync(source, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(new URL(name, source), "utf8"))
  .join("\n");
const literal = new Set([...code.matchAll(/"([a-z][\w.]*)"/g)].map((found) => found[1]));
const starts = [...code.matchAll(/`([a-z][\w.]*\.)\$\{/g)].map((found) => found[1]);
for (const key of Object.keys(catalogues.en)) {
  if (!literal.has(key) && !starts.some((start) => key.startsWith(start))) problems.push(`${key}: not used`);
}
for (const [, key] of code.matchAll(/\bt\("([^"]+)"/g)) {
  if (!(key in catalogues.en)) problems.push(`${key}: used, but no sentence`);
}

for (const problem of problems) console.error(problem);
console.log(`${Object.keys(catalogues.en).length} sentences in two languages, ${problems.length} problems`);
process.exitCode = problems.length ? 1 : 0;
