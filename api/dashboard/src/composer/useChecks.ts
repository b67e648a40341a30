// Live checks of a draft by the server, the same validator the worker uses; waits for a pause in typing.
import { useEffect, useState } from "preact/hooks";
import { post } from "../api/client";
import type { AccountCheck, FieldError, MyClient, Verdict } from "../api/schema";
import { api } from "../lib/context";
import type { Draft } from "./draft";
import { contentOf } from "./sending";

const PAUSE_MS = 500;

export interface Checks {
  accounts: Record<string, AccountCheck>;
  time: FieldError[];
}

const NOTHING: Checks = { accounts: {}, time: [] };

/** Checks per account id; old ones stay while new ones are on their way. */
export function useChecks(client: MyClient, draft: Draft, local: string | null): Checks {
  const [checks, setChecks] = useState<Checks>(NOTHING);
  const body = JSON.stringify({
    ...contentOf(draft),
    account_ids: draft.accountIds,
    ...(local && { publish_at: local, time_zone: client.time_zone }),
  });
  useEffect(() => {
    if (!draft.accountIds.length) return setChecks(NOTHING);
    const control = new AbortController();
    const ask = async () => {
      const path = api(client, "publications:validate");
      const answer = await post<Verdict>(path, JSON.parse(body), { signal: control.signal });
      setChecks({ accounts: Object.fromEntries(answer.accounts.map((one) => [one.account_id, one])), time: answer.time });
    };
    // Without an answer the last checks stay: the server checks again when the person sends.
    const timer = window.setTimeout(() => void ask().catch(() => undefined), PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      control.abort();
    };
  }, [body]);
  return checks;
}
