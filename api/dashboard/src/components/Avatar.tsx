// A picture or initials beside a name; decoration, the name is always written.
import { useState } from "preact/hooks";

const PAIRS = ["success", "warn", "danger", "info", "check", "draft"] as const;

export function Avatar({ name, picture, square }: { name: string; picture?: string; square?: boolean }) {
  const [broken, setBroken] = useState(false);
  const shape = `avatar ${square ? "square" : ""}`;
  if (picture && !broken) {
    return <img class={shape} src={picture} alt="" onError={() => setBroken(true)} />;
  }
  const tone = PAIRS[[...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0) % PAIRS.length];
  const initials = name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
  return <span class={`${shape} tone-${tone}`} aria-hidden="true">{initials}</span>;
}
