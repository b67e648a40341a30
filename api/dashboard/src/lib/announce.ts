// What screen readers hear: one polite and one assertive region, at most one sentence per 2 s.
import { signal } from "@preact/signals";

export const polite = signal("");
export const assertive = signal("");

const PAUSE_MS = 2000;
let lastAt = 0;
let timer = 0;

/** Say a result of the person's own action; the newest sentence wins. */
export function announce(sentence: string): void {
  window.clearTimeout(timer);
  const wait = Math.max(0, lastAt + PAUSE_MS - Date.now());
  timer = window.setTimeout(() => {
    lastAt = Date.now();
    polite.value = sentence;
  }, wait);
}

/** Say something that cannot wait: the session ended, work could not be saved. */
export function alarm(sentence: string): void {
  assertive.value = sentence;
}
