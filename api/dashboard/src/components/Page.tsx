// The frame of a screen: title of the tab, heading that takes focus after a move, main action.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { productName } from "../branding/worn";
import { currentClient } from "../lib/context";
import { moved, place } from "../router";

interface PageProps {
  title: string;
  /** Title of the browser tab when it says more than the heading. */
  tabTitle?: string;
  action?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, tabTitle, action, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = place.value.path;
  useEffect(() => {
    if (!moved.value) return;
    heading.current?.focus();
    heading.current?.closest(".scroll")?.scrollTo(0, 0);
  }, [path]);
  useTitle(tabTitle ?? title);
  return (
    <div class="page">
      <div class="row apart page-head">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {action}
      </div>
      {children}
    </div>
  );
}

/** Set `Failed publications · Maison Teranga · Palabre`. */
export function useTitle(title: string): void {
  const client = currentClient.value?.name;
  const product = productName.value;
  useEffect(() => {
    document.title = [title, client, product].filter(Boolean).join(" · ");
  }, [title, client, product]);
}
