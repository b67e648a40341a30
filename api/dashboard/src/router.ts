// The address bar as a signal: the client in view lives here and nowhere else.
import { computed, signal } from "@preact/signals";

interface Place {
  path: string;
  search: string;
}

const read = (): Place => ({ path: window.location.pathname, search: window.location.search });

export const place = signal<Place>(read());
export const query = computed(() => new URLSearchParams(place.value.search));
/** True once the person moved inside the app: only then focus goes to the heading. */
export const moved = signal(false);

/** Go to an address of the dashboard. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const before = place.value.path;
  if (options.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  place.value = read();
  if (place.value.path === before) return;
  moved.value = true;
  window.scrollTo(0, 0);
}

/** Address of the page `path` inside a client. */
export const inClient = (slug: string, path: string) => `/c/${slug}/${path}`;

/** Match `/c/:client/accounts/:id`; null when the path is another one. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

/** Clicks on plain links to our own pages move inside the app. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.target || link.origin !== window.location.origin || link.hasAttribute("download")) return;
  const outside = ["/connect/", "/docs", "/v1/", "/assets/"].some((start) => link.pathname.startsWith(start));
  if (outside || link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

document.addEventListener("click", followLink);
window.addEventListener("popstate", () => {
  moved.value = true;
  place.value = read();
});
