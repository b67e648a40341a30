// The client named in the address, found among the person's clients.
import { computed } from "@preact/signals";
import { me } from "../api/session";
import type { MyClient } from "../api/schema";
import { match, place } from "../router";

/** Slug in the address, or null on pages of the whole agency. */
export const clientSlug = computed(() => {
  const parts = place.value.path.split("/");
  return parts[1] === "c" && parts[2] ? decodeURIComponent(parts[2]) : null;
});

export const currentClient = computed<MyClient | null>(
  () => me.value?.clients.find((client) => client.slug === clientSlug.value) ?? null,
);

/** Base path of the client's resources. */
export const api = (client: { id: string }, path: string) => `/v1/clients/${client.id}/${path}`;

export const mayEdit = (client: MyClient) => client.role !== "viewer";
export const mayAdmin = (client: MyClient) => client.role === "owner" || client.role === "admin";

/** The last part of the address under `/c/{client}/{section}`, to stay in it when changing client. */
export const section = () => match("/c/:client/:section", place.value.path)?.section ?? "publications";
