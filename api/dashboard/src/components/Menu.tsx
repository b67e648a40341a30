// A button that opens a short list of actions or links; arrows move, Esc returns to the button.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface MenuEntry {
  label: ComponentChildren;
  href?: string;
  onPress?: () => void;
  danger?: boolean;
  current?: boolean;
}

interface MenuProps {
  /** What the button says; `name` is spoken instead where the label alone is not enough. */
  label: ComponentChildren;
  name?: string;
  entries: MenuEntry[];
  class?: string;
  upward?: boolean;
}

export function Menu({ label, name, entries, class: className = "button quiet", upward }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];

  useEffect(() => {
    if (!open) return undefined;
    items()[0]?.focus();
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (move(event.key, items())) event.preventDefault();
  };
  const press = (entry: MenuEntry) => {
    close();
    entry.onPress?.();
  };
  return (
    <div class="menu" ref={root} onKeyDown={keys}>
      <button ref={button} type="button" class={className} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
        {name && <span class="hidden-words">{name}</span>}
      </button>
      {open && (
        <div role="menu" class={`menu-list ${upward ? "upward" : ""}`}>
          {entries.map((entry, i) => <MenuItem key={i} entry={entry} press={() => press(entry)} />)}
        </div>
      )}
    </div>
  );
}

function MenuItem({ entry, press }: { entry: MenuEntry; press: () => void }) {
  const shared = {
    role: "menuitem" as const,
    tabIndex: -1,
    class: entry.danger ? "danger" : "",
    "aria-current": entry.current ? ("true" as const) : undefined,
    onClick: press,
  };
  return entry.href
    ? <a {...shared} href={entry.href}>{entry.label}</a>
    : <button {...shared} type="button">{entry.label}</button>;
}

/** Move focus by an arrow, Home, End or first letter; true when the key was ours. */
function move(key: string, items: HTMLElement[]): boolean {
  const at = items.indexOf(document.activeElement as HTMLElement);
  const last = items.length - 1;
  const targets: Record<string, number> = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
  const target = targets[key] ?? byLetter(key, items, at);
  if (target < 0) return false;
  items[target]?.focus();
  return true;
}

function byLetter(key: string, items: HTMLElement[], at: number): number {
  if (key.length !== 1 || key === " ") return -1;
  const order = [...items.keys()].map((i) => (at + 1 + i) % items.length);
  return order.find((i) => items[i]?.textContent?.trim().toLowerCase().startsWith(key.toLowerCase())) ?? -1;
}
