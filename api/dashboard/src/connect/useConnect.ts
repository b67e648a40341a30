// The connect window: opened empty inside the click, then followed by polling and hints (SCREENS 4.4).
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { get, post, remove } from "../api/client";
import type { Attempt, MyClient } from "../api/schema";
import { t } from "../i18n";
import { api } from "../lib/context";

const POLL_MS = 2000;
const SLOW_MS = 10_000;
const WINDOW = "palabre-connect";
const WINDOW_FEATURES = "popup,width=640,height=760";

export interface Connecting {
  attempt: Attempt | null;
  /** The browser refused to open a window: a link stands in its place. */
  blocked: boolean;
  /** No news for ten seconds: the next step is written out. */
  slow: boolean;
  error: ApiError | null;
  busy: boolean;
  start: (adapter: string, accountId?: string) => Promise<void>;
  openAgain: () => void;
  choose: (remoteIds: string[]) => Promise<void>;
  cancel: () => Promise<void>;
  dismiss: () => void;
}

const moving = (attempt: Attempt | null) => attempt?.state === "waiting" || attempt?.state === "choosing";

export function useConnect(client: MyClient, onConnected: (attempt: Attempt) => void): Connecting {
  const [attempt, setAttempt] = useState<Attempt | null>(null);
  const [blocked, setBlocked] = useState(false);
  const [slow, setSlow] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const told = useRef<string | null>(null);
  const base = api(client, "connections/attempts");

  const take = (news: Attempt) => {
    setAttempt(news);
    if (news.state !== "connected" || told.current === news.id) return;
    told.current = news.id;
    onConnected(news);
  };
  const keep = (problem: unknown) => {
    if (!(problem instanceof ApiError)) throw problem;
    if (!problem.unreachable) setError(problem);
  };

  const start = async (adapter: string, accountId?: string) => {
    const opened = window.open("", WINDOW, WINDOW_FEATURES);
    if (opened) opened.document.body.textContent = t("connect.opening");
    setBusy(true);
    setError(null);
    setBlocked(!opened);
    setSlow(false);
    try {
      const made = await post<Attempt>(base, { adapter, ...(accountId && { account_id: accountId }) });
      opened?.location.replace(made.url);
      setAttempt(made);
    } catch (problem) {
      opened?.close();
      setAttempt(null);
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    if (!attempt || !moving(attempt)) return undefined;
    const look = () => void get<Attempt>(`${base}/${attempt.id}`).then(take, keep);
    return follow(attempt, look);
  }, [attempt?.id, attempt?.state]);

  useEffect(() => {
    if (!moving(attempt)) return undefined;
    const timer = window.setTimeout(setSlow, SLOW_MS, true);
    return () => window.clearTimeout(timer);
  }, [attempt?.id]);

  return {
    attempt, blocked, slow, error, busy, start,
    openAgain: () => {
      if (attempt) setBlocked(!window.open(attempt.url, WINDOW, WINDOW_FEATURES));
    },
    choose: async (remoteIds) => {
      if (attempt) await post<Attempt>(`${base}/${attempt.id}/choose`, { remote_ids: remoteIds }).then(take, keep);
    },
    cancel: async () => {
      if (attempt) await remove(`${base}/${attempt.id}`).catch(keep);
      setAttempt(null);
    },
    dismiss: () => {
      setAttempt(null);
      setError(null);
    },
  };
}

/** Look every two seconds, and at once when the window says something. Hints carry no data. */
function follow(attempt: Attempt, look: () => void): () => void {
  const timer = window.setInterval(look, POLL_MS);
  const channel = new BroadcastChannel(attempt.channel);
  channel.onmessage = look;
  const hint = (event: MessageEvent<{ type?: string; attempt?: string } | null>) => {
    const ours = event.origin === window.location.origin && event.data?.type === "palabre.connect";
    if (ours && event.data?.attempt === attempt.id) look();
  };
  window.addEventListener("message", hint);
  return () => {
    window.clearInterval(timer);
    channel.close();
    window.removeEventListener("message", hint);
  };
}
