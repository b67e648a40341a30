// The beginning of a text, cut between words.

/** At most `longest` characters; what was left out is an ellipsis. */
export function excerptOf(text: string, longest: number): string {
  const words = text.trim().replace(/\s+/g, " ");
  const chars = [...words];
  if (chars.length <= longest) return words;
  const start = chars.slice(0, longest).join("");
  const space = start.lastIndexOf(" ");
  const kept = space > start.length / 2 ? start.slice(0, space) : start;
  return `${kept.replace(/[\s.,;:!?–-]+$/u, "")}…`;
}
