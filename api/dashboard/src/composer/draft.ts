// What a person is writing, kept on the device until it is sent.
import { useEffect, useState } from "preact/hooks";
import type { TypedMoment } from "../components/DateTimeField";
import type { Media, Piece } from "../api/schema";

export interface Draft {
  text: string;
  link: string;
  media: Media[];
  accountIds: string[];
  when: "now" | "later";
  moment: TypedMoment;
  /** Version of the piece this was written on, so that nobody's change is lost; null for a new one. */
  version: number | null;
}

const EMPTY: Draft = { text: "", link: "", media: [], accountIds: [], when: "now", moment: { day: "", time: "" }, version: null };
const SAVE_AFTER_MS = 500;

const nameOf = (clientId: string, pieceId: string) => `palabre.draft.${clientId}.${pieceId}`;

function stored(name: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

export interface KeptDraft {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** Forget the copy on this device. */
  forget: () => void;
  restored: boolean;
}

/** The draft of one client and piece ("new" for a new one). */
export function useDraft(clientId: string, piece: Piece | null): KeptDraft {
  const name = nameOf(clientId, piece?.id ?? "new");
  const [found] = useState(() => stored(name));
  const [draft, setDraft] = useState<Draft>(() => found ?? fromPiece(piece));
  const [kept, setKept] = useState(true);
  useEffect(() => {
    if (!kept) return undefined;
    const timer = window.setTimeout(() => localStorage.setItem(name, JSON.stringify(draft)), SAVE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [draft, kept]);
  return {
    draft,
    change: (part) => {
      setKept(true);
      setDraft((old) => ({ ...old, ...part }));
    },
    forget: () => {
      setKept(false);
      localStorage.removeItem(name);
    },
    restored: found !== null && differs(found, piece) && (found.text !== "" || found.media.length > 0),
  };
}

const differs = (found: Draft, piece: Piece | null) => found.text !== (piece?.text ?? "") || found.media.length !== (piece?.media.length ?? 0);

function fromPiece(piece: Piece | null): Draft {
  return piece ? { ...EMPTY, text: piece.text, link: piece.link ?? "", media: piece.media, version: piece.version } : EMPTY;
}
