// The person's session: access token in memory, renewed by the HttpOnly cookie, one refresh at a time.
import { computed, signal } from "@preact/signals";
import { language, rememberLanguage } from "../i18n";
import { ApiError, errorOf, noAnswer } from "./errors";
import { markUnreachable } from "./reachability";
import type { Me, Registration, Session } from "./schema";

export type SessionState = "starting" | "anonymous" | "open" | "expired";

export const sessionState = signal<SessionState>("starting");
export const me = signal<Me | null>(null);
/** Grows with each sign-in, so that blocks refused by an ended session load again. */
export const sessionCount = signal(0);
export const mayManageAgency = computed(
  () => me.value?.agency_role === "owner" || me.value?.agency_role === "admin",
);

let accessToken: string | null = null;
let refreshing: Promise<boolean> | null = null;
const tabs = new BroadcastChannel("palabre-session");

export function currentToken(): string | null {
  return accessToken;
}

/** Send a sign-in request; none of them carries an access token. */
async function post(path: string, body: unknown): Promise<Response> {
  const headers = {
    "Content-Type": "application/json",
    "Accept-Language": language.value,
    "X-Palabre": "1",
  };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(path, init).catch(() => null);
  if (!response || [502, 503, 504].includes(response.status)) markUnreachable();
  if (!response) throw noAnswer();
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function open(path: string, body: Record<string, unknown>): Promise<void> {
  adopt((await (await post(path, { ...body, keep: "cookie" })).json()) as Session);
}

function adopt(session: Session): void {
  const before = me.value;
  accessToken = session.access_token;
  rememberLanguage(session.user.locale);
  if (before && (before.id !== session.user.id || before.agency.id !== session.user.agency.id)) {
    window.location.assign("/");
    return;
  }
  me.value = session.user;
  if (sessionState.value !== "open") sessionCount.value += 1;
  sessionState.value = "open";
}

export const signIn = (email: string, password: string) =>
  open("/v1/auth/sessions", { email, password });

export const exchangeLink = (secret: string) => open("/v1/auth/links:exchange", { secret });

/** Register and sign in; false when a mail has to be read first (the address has an account). */
export async function register(values: Registration): Promise<boolean> {
  await post("/v1/auth/registrations", values);
  try {
    await signIn(values.email, values.password);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

/** Join an agency; true when this signed the person in, which it does for new people only. */
export async function acceptInvitation(secret: string, newcomer: { name: string; password: string } | null): Promise<boolean> {
  const response = await post("/v1/auth/invitations/accept", { secret, ...newcomer, keep: "cookie" });
  const session = (await response.json()) as Session | null;
  if (session) adopt(session);
  return session !== null;
}

/** Renew the access token once for everybody who asks; false when the session has ended. */
export function refresh(agencyId?: string): Promise<boolean> {
  refreshing ??= oneTabAtATime(() => renew(agencyId)).finally(() => (refreshing = null));
  return refreshing;
}

async function renew(agencyId?: string): Promise<boolean> {
  try {
    const response = await post("/v1/auth/refresh", agencyId ? { agency_id: agencyId } : {});
    adopt((await response.json()) as Session);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    accessToken = null;
    sessionState.value = me.value ? "expired" : "anonymous";
    return false;
  }
}

/** The refresh token rotates: two tabs that renew at once would look like a stolen token. */
function oneTabAtATime<T>(task: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator)) return task();
  return navigator.locks.request("palabre-refresh", task) as Promise<T>;
}

/** Find out at start whether the browser holds a session. */
export async function startSession(): Promise<void> {
  try {
    await refresh();
  } catch {
    sessionState.value = "starting";
  }
}

export async function signOut(): Promise<void> {
  const headers = { Authorization: `Bearer ${accessToken ?? ""}`, "X-Palabre": "1" };
  await fetch("/v1/auth/sessions/current", { method: "DELETE", headers }).catch(() => null);
  tabs.postMessage("signed-out");
  leave();
}

function leave(): void {
  accessToken = null;
  me.value = null;
  window.location.assign("/sign-in");
}

tabs.addEventListener("message", (event) => {
  if (event.data === "signed-out" && me.value) leave();
});
