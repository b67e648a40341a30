// Loads something of the API for a component: keeps old data while new data loads, polls, recovers.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./errors";
import { recoveries } from "./reachability";
import { sessionCount } from "./session";

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  reload: () => void;
  replace: (data: T) => void;
}

interface Loaded<T> {
  key: string;
  data: T | undefined;
  error: ApiError | undefined;
}

/**
 * Load `load()` whenever `key` changes. `pollMs` says from the data when to look again (null:
 * never); hidden tabs wait until they are seen.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  pollMs: (data: T) => number | null = () => null,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key, data: undefined, error: undefined });
  const [round, setRound] = useState(0);
  const latest = useRef({ load, pollMs });
  latest.current = { load, pollMs };
  const again = () => setRound((n) => n + 1);

  useEffect(() => {
    const control = new AbortController();
    latest.current
      .load(control.signal)
      .then((data) => setLoaded({ key, data, error: undefined }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setLoaded((old) => ({ key, data: old.key === key ? old.data : undefined, error }));
      });
    return () => control.abort();
  }, [key, round, recoveries.value, sessionCount.value]);

  useEffect(() => {
    const wait = loaded.data === undefined || loaded.error ? null : latest.current.pollMs(loaded.data);
    if (wait === null) return undefined;
    const timer = window.setTimeout(() => whenSeen(again), wait);
    return () => window.clearTimeout(timer);
  }, [loaded]);

  const current = loaded.key === key ? loaded : { data: undefined, error: undefined };
  const replace = (data: T) => setLoaded({ key, data, error: undefined });
  return { data: current.data, error: current.error, reload: again, replace };
}

function whenSeen(task: () => void): void {
  if (!document.hidden) return task();
  document.addEventListener("visibilitychange", task, { once: true });
}
