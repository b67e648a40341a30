// Saving and sending a draft: one intent, one key, so that a double click publishes once.
import { useRef } from "preact/hooks";
import { ApiError } from "../api/errors";
import { get, patch, post } from "../api/client";
import type { MyClient, Piece, Publication } from "../api/schema";
import { api } from "../lib/context";
import { saveDescriptions } from "./descriptions";
import type { Draft } from "./draft";

export interface Sending {
  save: (draft: Draft) => Promise<Piece>;
  publish: (draft: Draft, local: string | null) => Promise<Publication[]>;
  /** After an edit conflict: write over the other person's version next time. */
  keepMine: () => Promise<void>;
}

/** Keys are made when the form opens; a definite refusal ends the intent and the next gets new ones. */
export function useSending(client: MyClient, opened: Piece | null, version: number | null): Sending {
  const piece = useRef(opened && { ...opened, version: version ?? opened.version });
  const keys = useRef(newKeys());

  const guarded = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      if (error instanceof ApiError && error.definite) keys.current = newKeys();
      throw error;
    }
  };

  const save = (draft: Draft) => guarded(async () => {
    await saveDescriptions();
    const body = contentOf(draft);
    const known = piece.current;
    piece.current = known
      ? await patch<Piece>(`${api(client, "pieces")}/${known.id}`, { ...body, version: known.version })
      : await post<Piece>(api(client, "pieces"), body, { idempotencyKey: keys.current.piece });
    return piece.current;
  });

  const publish = async (draft: Draft, local: string | null) => {
    const saved = await save(draft);
    return guarded(async () => {
      const body = {
        piece_id: saved.id,
        account_ids: draft.accountIds,
        ...(local && { publish_at: local, time_zone: client.time_zone }),
      };
      const answer = await post<{ items: Publication[] }>(api(client, "publications"), body, { idempotencyKey: keys.current.publication });
      return answer.items;
    });
  };
  const keepMine = async () => {
    if (piece.current) piece.current = await get<Piece>(`${api(client, "pieces")}/${piece.current.id}`);
  };
  return { save, publish, keepMine };
}

const newKeys = () => ({ piece: crypto.randomUUID(), publication: crypto.randomUUID() });

export const contentOf = (draft: Draft) => ({
  text: draft.text,
  link: draft.link.trim() || null,
  media_ids: draft.media.map((item) => item.id),
});
