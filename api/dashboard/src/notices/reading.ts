// What the person was told: how much is unread, and where a notice leads.
import { signal } from "@preact/signals";
import { get, post } from "../api/client";
import type { Notice, Notices } from "../api/schema";
import { inClient } from "../router";

/** Unread notices, as the bell shows them. */
export const unread = signal(0);

/** Load a page and let the bell know. */
export async function loadNotices(query: Record<string, string>, abort?: AbortSignal): Promise<Notices> {
  const page = await get<Notices>("/v1/notices", abort ? { query, signal: abort } : { query });
  unread.value = page.unread;
  return page;
}

export async function markRead(notice: Notice): Promise<void> {
  if (notice.read_at) return;
  await post(`/v1/notices/${notice.id}/read`);
  unread.value = Math.max(0, unread.value - 1);
}

export async function markAllRead(): Promise<void> {
  await post("/v1/notices:read-all");
  unread.value = 0;
}

/** Address of what a notice is about; null when it is about nothing with a page. */
export function targetOf(notice: Notice): string | null {
  if (!notice.client || !notice.target) return null;
  const list = notice.target.kind === "account" ? "accounts" : "publications";
  return inClient(notice.client.slug, `${list}/${notice.target.id}`);
}
