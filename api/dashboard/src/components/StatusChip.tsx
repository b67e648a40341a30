// Status words with icon and tone: one table for the whole dashboard (SCREENS 1.5).
import type { AccountState, Plugin, Publication } from "../api/schema";
import { t, type Key } from "../i18n";
import type { Tone } from "./Feedback";
import { Icon, type IconName } from "./Icon";

type Row = [key: Key, tone: Tone, icon: IconName];

const PUBLICATION: Record<Publication["state"] | "decide", Row> = {
  scheduled: ["publication.scheduled", "info", "clock"],
  held: ["publication.held", "warn", "pause"],
  publishing: ["publication.publishing", "info", "dot"],
  checking: ["publication.checking", "check", "eye"],
  decide: ["publication.decide", "check", "question"],
  published: ["publication.published", "success", "tick"],
  failed: ["publication.failed", "danger", "triangle"],
  cancelled: ["publication.cancelled", "draft", "cross"],
  removed: ["publication.removed", "draft", "minus"],
};

const ACCOUNT: Record<AccountState | "problem", Row> = {
  active: ["account.active", "success", "tick"],
  expiring: ["account.expiring", "warn", "clock"],
  needs_reconnect: ["account.needs_reconnect", "danger", "triangle"],
  revoked: ["account.revoked", "danger", "triangle"],
  problem: ["account.problem", "danger", "triangle"],
  disconnected: ["account.disconnected", "draft", "minus"],
};

const PLUGIN: Record<Plugin["state"] | "on" | "off", Row> = {
  active: ["plugin.active", "success", "tick"],
  failed: ["plugin.failed", "danger", "triangle"],
  incompatible: ["plugin.incompatible", "warn", "triangle"],
  blocked: ["plugin.blocked", "warn", "pause"],
  duplicate: ["plugin.duplicate", "warn", "triangle"],
  on: ["plugin.on", "success", "tick"],
  off: ["plugin.off", "draft", "minus"],
};

const CONTENT: Record<string, Row> = {
  draft: ["content.draft", "draft", "content"],
  scheduled: ["content.scheduled", "info", "clock"],
  published: ["content.published", "success", "tick"],
  failed: ["content.failed", "danger", "triangle"],
};

function Chip({ row: [key, tone, icon] }: { row: Row }) {
  return (
    <span class={`chip tone-${tone}`}>
      <Icon name={icon} />
      {t(key)}
    </span>
  );
}

/** Words of a publication's state; "needs your decision" wins over "checking". */
export function PublicationChip({ of }: { of: Publication }) {
  return <Chip row={PUBLICATION[of.needs_person ? "decide" : of.state]} />;
}

export function AccountChip({ state, problem }: { state: AccountState; problem?: boolean }) {
  return <Chip row={ACCOUNT[problem && state === "active" ? "problem" : state]} />;
}

export function PluginChip({ state }: { state: keyof typeof PLUGIN }) {
  return <Chip row={PLUGIN[state]} />;
}

export function ContentChip({ state }: { state: string }) {
  const row = CONTENT[state];
  return row ? <Chip row={row} /> : <span class="chip tone-draft">{state}</span>;
}
