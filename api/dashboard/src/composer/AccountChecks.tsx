// For each chosen account: how long the text is there, what it refuses, how it may look.
import type { Account, AccountCheck } from "../api/schema";
import { Counter } from "../components/Field";
import { Message } from "../components/Feedback";
import { Preview } from "../components/Preview";
import { t } from "../i18n";
import { countText } from "../lib/count";
import type { Draft } from "./draft";

/** The kind of post this would become: the server's word, else the likely one. */
function kindOf(account: Account, check: AccountCheck | undefined, draft: Draft) {
  const likely = draft.media.length > 1 ? "carousel" : draft.media.length ? "image" : draft.link ? "link" : "text";
  return account.kinds.find((one) => one.kind === (check?.kind ?? likely)) ?? account.kinds[0];
}

/** Counters of all chosen accounts, under the text. */
export function Counters({ accounts, checks, draft }: { accounts: Account[]; checks: Record<string, AccountCheck>; draft: Draft }) {
  return (
    <div class="stack">
      {accounts.map((account) => {
        const kind = kindOf(account, checks[account.id], draft);
        const max = kind?.max_text;
        return max ? <Counter key={account.id} used={countText(draft.text, kind.unit)} max={max} label={account.name} /> : null;
      })}
    </div>
  );
}

export function AccountChecks({ account, check, draft }: { account: Account; check: AccountCheck | undefined; draft: Draft }) {
  return (
    <section class="stack wide" aria-label={account.name}>
      <div aria-live="polite" class="stack wide">
        {check?.violations.map((one) => <Message key={one.field + one.code} tone="danger">{one.message}</Message>)}
        {check?.warnings.map((one) => <Message key={one.field + one.code} tone="warn">{one.message}</Message>)}
        {check?.ok && <p class="meta">{t("check.ok", { account: account.name })}</p>}
      </div>
      <Preview account={account} spec={account.preview} text={draft.text} link={draft.link.trim() || null} media={draft.media} />
    </section>
  );
}
