// The composer: one text for the chosen accounts, checks and previews in sight, one main action.
import { useState } from "preact/hooks";
import type { Account, AccountCheck, MyClient, Piece, Publication } from "../api/schema";
import { ApiError } from "../api/errors";
import { reachable } from "../api/reachability";
import { Button } from "../components/Button";
import { DateTimeField, readMoment } from "../components/DateTimeField";
import { Dialog } from "../components/Dialog";
import { Message } from "../components/Feedback";
import { Choice, Choices, TextArea, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { t } from "../i18n";
import { city } from "../i18n/time";
import { announce } from "../lib/announce";
import { inClient, navigate } from "../router";
import { AccountChecks, Counters } from "./AccountChecks";
import { AccountChoices } from "./AccountChoices";
import { useDraft, type Draft } from "./draft";
import { MediaPart } from "./MediaPart";
import { useSending } from "./sending";
import { useChecks } from "./useChecks";

interface Props {
  client: MyClient;
  accounts: Account[];
  piece: Piece | null;
}

export function ComposerForm({ client, accounts, piece }: Props) {
  const { draft, change, forget, restored } = useDraft(client.id, piece);
  const sending = useSending(client, piece, draft.version);
  const [errors, setErrors] = useState<Errors>({});
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [asking, setAsking] = useState(false);
  const [working, setWorking] = useState<"save" | "send" | null>(null);

  const chosen = accounts.filter((one) => draft.accountIds.includes(one.id));
  const moment = readMoment(draft.moment, client.time_zone);
  const local = draft.when === "later" ? (moment.local ?? null) : null;
  const checks = useChecks(client, { ...draft, accountIds: chosen.map((one) => one.id) }, local);

  const run = async (what: "save" | "send", task: () => Promise<void>) => {
    if (working) return;
    setWorking(what);
    setErrors({});
    setRefused(null);
    try {
      await task();
    } catch (error) {
      setErrors(errorsOf(error));
      setRefused(error instanceof ApiError ? error : null);
    } finally {
      setWorking(null);
      setAsking(false);
    }
  };
  const send = () => run("send", async () => {
    const made = await sending.publish({ ...draft, accountIds: chosen.map((one) => one.id) }, local);
    forget();
    leave(client, draft, made);
  });
  const save = () => run("save", async () => {
    await sending.save(draft);
    forget();
    announce(t("draft.saved"));
    navigate(inClient(client.slug, "content"));
  });
  const submit = () => {
    const problems = localProblems(draft, chosen, moment.errors, checks.accounts);
    if (Object.keys(problems).length) return setErrors(problems);
    if (draft.when === "now") return setAsking(true);
    return void send();
  };
  const main = draft.when === "now" ? t("publish.now", { n: chosen.length, client: client.name }) : t("schedule", { n: chosen.length, client: client.name });

  return (
    <Form errors={errors} requestId={refused?.requestId} class="composer" onSubmit={submit}>
      <div class="stack wide loose">
        {refused?.code === "edit_conflict" && <Conflict keepMine={() => sending.keepMine().then(save)} forget={forget} />}
        {restored && <Message tone="info">{t("draft.restored")}</Message>}
        {!reachable.value && <Message tone="warn">{t("offline.draft")}</Message>}
        <AccountChoices client={client} accounts={accounts} chosen={draft.accountIds} error={errors.account_ids} onChange={(accountIds) => change({ accountIds })} />
        <TextArea
          name="text"
          label={t("content.text")}
          value={draft.text}
          error={errors.text}
          onInput={(text) => change({ text })}
          after={<Counters accounts={chosen} checks={checks.accounts} draft={draft} />}
        />
        <TextField name="link" type="url" inputMode="url" label={t("content.link")} help={t("optional")} value={draft.link} error={errors.link} onInput={(link) => change({ link })} />
        <MediaPart client={client} media={draft.media} accept={accepted(chosen)} error={errors.media ?? errors.media_ids} onChange={(mend) => change({ media: mend(draft.media) })} />
        <Choices id="publish_at" legend={t("when")} error={errors.publish_at}>
          <Choice radio name="when" value="now" label={t("when.now")} checked={draft.when === "now"} onChange={() => change({ when: "now" })} />
          <Choice radio name="when" value="later" label={t("when.later", { city: city(client.time_zone) })} checked={draft.when === "later"} onChange={() => change({ when: "later" })} />
        </Choices>
        {draft.when === "later" && <DateTimeField value={draft.moment} zone={client.time_zone} errors={errors} onChange={(next) => change({ moment: next })} />}
        {local && checks.time.map((one) => <Message key={one.code} tone="danger">{one.message}</Message>)}
        <div class="row">
          <Button type="submit" kind="primary" working={working === "send"}>{main}</Button>
          <Button working={working === "save"} onPress={() => void save()}>{t("draft.save")}</Button>
        </div>
      </div>
      <Side accounts={chosen} checks={checks.accounts} draft={draft} />
      {asking && (
        <Dialog
          title={t("q.publish.title", { accounts: chosen.map((one) => one.name).join(", "), client: client.name })}
          onClose={() => setAsking(false)}
          actions={<Button kind="primary" working={working === "send"} onPress={send}>{main}</Button>}
        >
          <p>{t("q.publish.text")}</p>
        </Dialog>
      )}
    </Form>
  );
}

/** Somebody else saved this piece meanwhile: the person decides which text stays. */
function Conflict({ keepMine, forget }: { keepMine: () => Promise<void>; forget: () => void }) {
  const keepTheirs = () => {
    forget();
    window.location.reload();
  };
  return (
    <div class="row">
      <Button onPress={keepMine}>{t("conflict.mine")}</Button>
      <Button onPress={keepTheirs}>{t("conflict.theirs")}</Button>
    </div>
  );
}

function Side({ accounts, checks, draft }: { accounts: Account[]; checks: Record<string, AccountCheck>; draft: Draft }) {
  return (
    <aside class="stack wide loose" aria-label={t("preview")}>
      <h2>{t("preview")}</h2>
      {accounts.length === 0 && <p class="muted">{t("preview.choose")}</p>}
      {accounts.map((account) => <AccountChecks key={account.id} account={account} check={checks[account.id]} draft={draft} />)}
    </aside>
  );
}

/** File types that at least one chosen account takes. */
function accepted(accounts: Account[]): string {
  const types = accounts.flatMap((one) => one.kinds.flatMap((kind) => kind.media?.content_types ?? []));
  return [...new Set(types)].join(",") || "image/*";
}

/** What can be said without asking the server, in the words it would use. */
function localProblems(draft: Draft, accounts: Account[], time: Errors, checks: Record<string, AccountCheck>): Errors {
  const problems: Errors = {};
  if (!accounts.length) problems.account_ids = t("e.accounts");
  if (!draft.text.trim() && !draft.link.trim() && !draft.media.length) problems.text = t("e.content");
  for (const account of accounts) {
    for (const violation of checks[account.id]?.violations ?? []) {
      problems[violation.field.split(".")[0] ?? ""] ??= violation.message;
    }
  }
  return draft.when === "later" ? { ...problems, ...time } : problems;
}

/** One publication: its record. Several: the list where they can be followed. */
function leave(client: MyClient, draft: Draft, made: Publication[]): void {
  announce(t(draft.when === "now" ? "sent.now" : "sent.later", { n: made.length, client: client.name }));
  const only = made.length === 1 ? made[0] : undefined;
  navigate(inClient(client.slug, only ? `publications/${only.id}` : "publications"));
}
