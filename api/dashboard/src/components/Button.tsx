// Buttons: verb and object; while working the label stays and a second activation does nothing.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";

export interface ButtonProps {
  children: ComponentChildren;
  onPress?: () => void | Promise<unknown>;
  kind?: "primary" | "plain" | "quiet" | "danger";
  type?: "button" | "submit";
  working?: boolean;
  full?: boolean;
  id?: string;
}

export function Button({ children, onPress, kind = "plain", type = "button", working, full, id }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const blocked = busy || working === true;
  const press = async (event: Event) => {
    if (blocked) return event.preventDefault();
    const task = onPress?.();
    if (!(task instanceof Promise)) return;
    setBusy(true);
    await task.finally(() => setBusy(false));
  };
  return (
    <button
      id={id}
      type={type}
      class={`button ${kind} ${full ? "full" : ""}`}
      aria-disabled={blocked ? "true" : undefined}
      onClick={press}
    >
      {children}
      {blocked && <span aria-hidden="true">…</span>}
    </button>
  );
}

/** A link that looks like a button because it leads to the main thing to do. */
export function LinkButton(props: { href: string; children: ComponentChildren; primary?: boolean }) {
  return (
    <a class={`button ${props.primary ? "primary" : ""}`} href={props.href}>
      {props.children}
    </a>
  );
}

/** A link that leaves Palabre; says where it goes. */
export function OutLink({ href, to, children }: { href: string; to: string; children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children} {t("opens", { name: to })}
    </a>
  );
}

/** Copies a text and says so on itself. */
export function CopyButton({ text, children }: { text: string; children: ComponentChildren }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <span class="row">
      <Button onPress={copy}>{children}</Button>
      <span role="status">{copied ? t("copied") : ""}</span>
    </span>
  );
}
