// Counts a text in a platform's unit, as `palabre.sdk.values.count_text` does.
import type { CountingUnit } from "../api/schema";

const LIGHT: [number, number][] = [[0, 0x10ff], [0x2000, 0x200d], [0x2010, 0x201f], [0x2032, 0x2037]];

const weight = (char: string) => {
  const point = char.codePointAt(0) ?? 0;
  return LIGHT.some(([from, to]) => point >= from && point <= to) ? 1 : 2;
};

export function countText(text: string, unit: CountingUnit): number {
  if (unit === "utf16") return text.length;
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  if (unit === "weighted") return [...text].reduce((sum, char) => sum + weight(char), 0);
  return [...text].length;
}
