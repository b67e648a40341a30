// Descriptions of pictures are saved when typing pauses, and at once when the piece is sent.
const PAUSE_MS = 800;

const waiting = new Map<string, { timer: number; save: () => Promise<void> }>();

/** Save after a pause in typing; the latest text wins. */
export function saveSoon(mediaId: string, save: () => Promise<void>): void {
  window.clearTimeout(waiting.get(mediaId)?.timer);
  const timer = window.setTimeout(() => void saveNow(mediaId), PAUSE_MS);
  waiting.set(mediaId, { timer, save });
}

async function saveNow(mediaId: string): Promise<void> {
  const found = waiting.get(mediaId);
  if (!found) return;
  window.clearTimeout(found.timer);
  waiting.delete(mediaId);
  await found.save();
}

/** Save what still waits, so that a publication freezes what was typed last. */
export async function saveDescriptions(): Promise<void> {
  await Promise.all([...waiting.keys()].map(saveNow));
}
