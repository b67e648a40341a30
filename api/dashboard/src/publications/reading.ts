// How a publication reads in a list, and how often it is worth looking at again.
import type { Publication } from "../api/schema";
import { excerptOf } from "../lib/excerpt";
import { t } from "../i18n";

const MOVING_MS = 3000;
const CALM_MS = 30_000;

/** Look often while something is on its way or about to leave. */
export function pollPublications(items: Publication[]): number {
  const soon = Date.now() + 60_000;
  const moving = items.some(
    (one) =>
      one.state === "publishing" ||
      (one.state === "checking" && !one.needs_person) ||
      (one.state === "scheduled" && Date.parse(one.due_at) < soon),
  );
  return moving ? MOVING_MS : CALM_MS;
}

/** Something to read in a list when a piece has no text. */
export const excerpt = (publication: Publication, longest = 90) =>
  excerptOf(publication.text || publication.link || publication.media[0]?.alt_text || t("publication.untitled"), longest);
