// Whether the API answers, and the probe that notices when it does again.
import { signal } from "@preact/signals";

export const reachable = signal(true);
/** Grows each time the API answers again, so that failed blocks load by themselves. */
export const recoveries = signal(0);

const FIRST_PROBE_MS = 1000;
const LONGEST_PROBE_MS = 10_000;

/** Note that nobody answered and look again until somebody does. */
export function markUnreachable(): void {
  if (!reachable.value) return;
  reachable.value = false;
  window.setTimeout(() => void probe(FIRST_PROBE_MS), FIRST_PROBE_MS);
}

async function probe(waited: number): Promise<void> {
  const answered = await fetch("/health/live", { cache: "no-store" }).then((r) => r.ok, () => false);
  if (answered) {
    reachable.value = true;
    recoveries.value += 1;
    return;
  }
  const wait = Math.min(waited * 2, LONGEST_PROBE_MS);
  window.setTimeout(() => void probe(wait), wait);
}

window.addEventListener("offline", markUnreachable);
