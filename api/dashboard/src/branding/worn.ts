// What the page wears: the branding of the client or agency in view, of the host before sign-in.
import { computed, effect, signal } from "@preact/signals";
import { get } from "../api/client";
import { ApiError } from "../api/errors";
import { recoveries } from "../api/reachability";
import { me, sessionState } from "../api/session";
import { api, currentClient } from "../lib/context";
import { rules } from "./rules";
import type { Branding, Look, PublicBranding } from "./types";

const PRODUCT = "Palabre";
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** Null until it is known; our own colours and mark stand meanwhile. */
export const worn = signal<PublicBranding | null>(null);
const branded = computed(() => Boolean(worn.value?.logo_url || worn.value?.roles));

/** What people are told they use: the agency's name once it brought a look of its own. */
export const productName = computed(() =>
  branded.value ? me.value?.agency.name ?? worn.value?.name ?? PRODUCT : PRODUCT,
);
/** Whether the client in view has a colour of its own. */
export const clientColour = computed(() => (worn.value as Look | null)?.colour_from === "client");

const source = computed(() => {
  if (sessionState.value === "anonymous") return `/v1/public/branding?host=${encodeURIComponent(window.location.host)}`;
  if (!me.value) return null;
  return currentClient.value ? api(currentClient.value, "branding") : "/v1/branding";
});

/** Load what stands for the address in view, again after an outage. */
async function load(path: string): Promise<void> {
  try {
    const found = await get<Branding | PublicBranding>(path);
    if (path === source.peek()) wear("effective" in found ? found.effective : found);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // the page stays as it is
  }
}

/** Show a look on the whole page. Constructed sheets need no exception from the content policy. */
export function wear(look: PublicBranding): void {
  worn.value = look;
  sheet.replaceSync(rules(look.roles));
}

effect(() => {
  void recoveries.value;
  if (source.value) void load(source.value);
});
