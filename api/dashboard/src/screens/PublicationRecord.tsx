// The record of one publication: what happened, is anything online, who acts, what comes next.
import { get } from "../api/client";
import type { MyClient, Publication } from "../api/schema";
import { useResource } from "../api/useResource";
import { CopyButton, OutLink } from "../components/Button";
import { Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { PluginIcon } from "../components/Icon";
import { PublicationChip } from "../components/StatusChip";
import { Time } from "../components/Time";
import { has, t } from "../i18n";
import { city, clock, preciseTime } from "../i18n/time";
import { api, currentClient, mayEdit } from "../lib/context";
import type { ScreenProps } from "../lib/lazy";
import { inClient } from "../router";
import { excerpt, pollPublications } from "../publications/reading";
import { RecordActions } from "../publications/RecordActions";

export default function PublicationRecord({ params }: ScreenProps) {
  const client = currentClient.value;
  return client && <Record client={client} id={params.id ?? ""} />;
}

function Record({ client, id }: { client: MyClient; id: string }) {
  const path = api(client, `publications/${id}`);
  const record = useResource(path, (signal) => get<Publication>(path, { signal }), (one) => pollPublications([one]));
  const data = record.data;
  const title = data ? excerpt(data, 60) : t("publication");
  return (
    <Page title={title}>
      <p><a href={inClient(client.slug, "publications")}>{t("publications.back")}</a></p>
      <Loaded from={record}>
        {(one) => (
          <div class="two-columns">
            <div class="stack wide loose">
              <Outcome of={one} />
              {mayEdit(client) && <RecordActions client={client} publication={one} changed={record.replace} reload={record.reload} />}
              <Timeline of={one} />
              <Details of={one} />
            </div>
            <Frozen of={one} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** The sentence first, then the three questions everybody asks. */
function Outcome({ of }: { of: Publication }) {
  return (
    <section class="card stack wide" aria-live="polite">
      <p class="row"><PublicationChip of={of} /><PluginIcon path={of.account.icon} /><span class="strong">{of.account.name}</span></p>
      <p class="measure">{of.reason?.message ?? plainSentence(of)}</p>
      <dl class="facts">
        <dt>{t("record.online")}</dt><dd>{t(`online.${onlineOf(of)}`)}</dd>
        <dt>{t("record.who")}</dt><dd>{t(`who.${of.reason?.who ?? "nobody"}`)}</dd>
        {of.reason?.next_at && <><dt>{t("record.next")}</dt><dd><Time at={of.reason.next_at} zone={of.time_zone} relative /></dd></>}
        {of.permalink && (
          <><dt>{t("record.address")}</dt><dd><OutLink href={of.permalink} to={of.account.platform_name}>{t("see")}</OutLink></dd></>
        )}
      </dl>
    </section>
  );
}

function onlineOf(of: Publication): "yes" | "no" | "unknown" {
  if (of.reason) return of.reason.online;
  if (of.state === "published") return "yes";
  return of.state === "checking" || of.state === "publishing" ? "unknown" : "no";
}

function plainSentence(of: Publication): string {
  const at = new Date(of.published_at ?? of.due_at);
  const params = { account: of.account.name, time: clock(of.time_zone, at), when: preciseTime(of.time_zone, at).replace(/:\d\d$/, ""), city: city(of.time_zone) };
  return t(`record.${of.state}`, params);
}

function Timeline({ of }: { of: Publication }) {
  if (!of.steps?.length) return null;
  const at = (time: string | null) => time && preciseTime(of.time_zone, new Date(time));
  return (
    <section class="stack wide">
      <h2>{t("record.timeline")}</h2>
      <ol class="timeline plain">
        {of.steps.map((step, i) => {
          const state = `step.${step.state}`;
          return (
            <li key={i}>
              <span class="strong">{t("step", { n: i + 1 })}</span>{" "}
              {has(state) ? t(state) : step.state}
              <span class="meta block">
                {step.sent_at && <time dateTime={step.sent_at}>{t("step.sent.at", { time: at(step.sent_at) ?? "" })}</time>}
                {step.finished_at && step.state !== "unknown" && <> · <time dateTime={step.finished_at}>{t("step.finished.at", { time: at(step.finished_at) ?? "" })}</time></>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Codes and ids live here, for support. */
function Details({ of }: { of: Publication }) {
  const { text: _text, media: _media, link: _link, ...facts } = of;
  return (
    <details>
      <summary>{t("details")}</summary>
      <div class="stack">
        <dl class="facts">
          <dt>{t("record.id")}</dt><dd><code>{of.id}</code></dd>
          {of.reason && <><dt>{t("record.class")}</dt><dd><code>{of.reason.code}</code></dd></>}
          <dt>{t("record.attempt")}</dt><dd class="figures">{of.attempt}</dd>
          {of.remote_id && <><dt>{t("record.remote")}</dt><dd><code>{of.remote_id}</code></dd></>}
        </dl>
        <CopyButton text={JSON.stringify(facts, null, 2)}>{t("copy.support")}</CopyButton>
      </div>
    </details>
  );
}

/** The content as it was frozen for this account. */
function Frozen({ of }: { of: Publication }) {
  return (
    <section class="card stack wide">
      <h2>{t("record.content")}</h2>
      <p class="row"><PluginIcon path={of.account.icon} /><span class="strong">{of.account.name}</span></p>
      <p class="preview-text" dir="auto">{of.text}</p>
      {of.link && <p><code>{of.link}</code></p>}
      {of.media.map((item) => <img key={item.id} src={item.url} alt={item.alt_text} width={item.width ?? undefined} height={item.height ?? undefined} />)}
      <p class="meta">
        <Time at={of.due_at} zone={of.time_zone} /> ({city(of.time_zone)})
      </p>
    </section>
  );
}
