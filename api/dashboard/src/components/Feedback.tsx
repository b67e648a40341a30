// What happened, where it happened: messages, banner, failed blocks, empty lists, grey shapes.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api/errors";
import type { Resource } from "../api/useResource";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import { Button } from "./Button";

export type Tone = "success" | "warn" | "danger" | "info" | "check" | "draft";

/** A sentence at the place of action. */
export function Message({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <div class={`message tone-${tone}`} role={tone === "danger" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** One per page, before the heading. */
export function Banner({ tone, name, children }: { tone: Tone; name: string; children: ComponentChildren }) {
  return (
    <section class={`banner tone-${tone}`} aria-label={name}>
      {children}
    </section>
  );
}

/** The reference a person gives to support; never the first thing read. */
export function RequestDetails({ id }: { id: string | null | undefined }) {
  if (!id) return null;
  return (
    <details>
      <summary>{t("details")}</summary>
      <p>{t("request.id")} <code>{id}</code></p>
    </details>
  );
}

/** Stands in place of a block that failed; the rest of the page works. */
export function FailedBlock({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <Message tone={error.unreachable ? "warn" : "danger"}>
      <p>{errorText(error)}</p>
      <Button onPress={retry}>{t("retry")}</Button>
      <RequestDetails id={error.requestId} />
    </Message>
  );
}

/** An empty list: what it is for and what to do. */
export function Empty({ children, action }: { children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="empty stack">
      <p class="measure">{children}</p>
      {action}
    </div>
  );
}

const SHOW_SHAPES_MS = 1000;
const SAY_MS = 3000;

/** Nothing for a second, then grey shapes, then words. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = [window.setTimeout(setStage, SHOW_SHAPES_MS, 1), window.setTimeout(setStage, SAY_MS, 2)];
    return () => timers.forEach((timer) => window.clearTimeout(timer));
  }, []);
  return (
    <div aria-busy="true" class="skeleton stack wide">
      {stage > 0 && Array.from({ length: rows }, (_, i) => <div key={i} class="shape" />)}
      {stage > 1 && <p role="status">{t("loading")}</p>}
    </div>
  );
}

/** Shows a loaded thing; grey shapes before, the error instead, the old data while reloading. */
export function Loaded<T>({ from, children }: { from: Resource<T>; children: (data: T) => ComponentChildren }) {
  if (from.data === undefined) {
    return from.error ? <FailedBlock error={from.error} retry={from.reload} /> : <Skeleton />;
  }
  const stale = from.error && !from.error.unreachable;
  return (
    <>
      {stale && from.error && <FailedBlock error={from.error} retry={from.reload} />}
      {children(from.data)}
    </>
  );
}
