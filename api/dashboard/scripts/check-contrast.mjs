// Computes the contrast of every pair of colour roles with the WCAG formula, in both themes (SCREENS 3).
import { readFileSync } from "node:fs";

const BACKGROUNDS = ["bg", "surface", "sunken", "hover", "selected"];
const TONES = ["success", "warn", "danger", "info", "check", "draft"];
const TEXT = 4.5;
const SHAPE = 3.0;

/** [colour, background, lowest ratio] */
const PAIRS = [
  ...["text", "muted", "faint", "accent-text", ...TONES.map((tone) => `${tone}-text`)].flatMap((role) => BACKGROUNDS.map((back) => [role, back, TEXT])),
  ...TONES.map((tone) => [`${tone}-text`, `${tone}-bg`, TEXT]),
  ["on-accent", "accent", TEXT],
  ...["border-strong", "focus"].flatMap((role) => BACKGROUNDS.map((back) => [role, back, SHAPE])),
  ...["bg", "surface", "selected"].map((back) => ["accent", back, SHAPE]),
];

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");
const themes = [{}, {}];
for (const [, role, light, dark] of css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
  themes[0][role] = light;
  themes[1][role] = dark;
}

const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = (hex) =>
  [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255)).reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
const ratio = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

let misses = 0;
for (const [i, theme] of themes.entries()) {
  for (const [role, back, bar] of PAIRS) {
    const found = theme[role] && theme[back] ? ratio(theme[role], theme[back]) : 0;
    if (found >= bar) continue;
    misses += 1;
    console.error(`${["light", "dark"][i]}: ${role} on ${back} is ${found.toFixed(2)}, needs ${bar}`);
  }
}
console.log(`${PAIRS.length * 2} pairs of colours, ${misses} under the bar`);
process.exitCode = misses ? 1 : 0;
