// The demo's mailbox: every mail the product wrote, shown in a frame where no script runs.
import { useState } from "preact/hooks";
import { get } from "../api/client";
import type { CaughtMail, Page as ListPage } from "../api/schema";
import { sessionState } from "../api/session";
import { useResource } from "../api/useResource";
import { Empty, Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { Time } from "../components/Time";
import { t } from "../i18n";
import { viewerZone } from "../i18n/time";
import { LonePage } from "../shell/LonePage";

const LOOK_MS = 3000;

export default function MailCatcher() {
  const title = t("catcher.title");
  if (sessionState.value === "anonymous") return <LonePage title={title}><Mails /></LonePage>;
  return <Page title={title}><Mails /></Page>;
}

function Mails() {
  const list = useResource(
    "catcher",
    (signal) => get<ListPage<CaughtMail>>("/v1/mail-catcher", { query: { limit: "50" }, signal }),
    () => LOOK_MS,
  );
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <div class="stack wide">
      <p class="measure">{t("catcher.about")}</p>
      <Loaded from={list}>
        {(page) => {
          const shown = page.items.find((mail) => mail.id === chosen) ?? page.items[0];
          if (!shown) return <Empty>{t("catcher.none")}</Empty>;
          return (
            <div class="catcher">
              <Choosing mails={page.items} shown={shown} choose={setChosen} />
              <Letter mail={shown} />
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

function Choosing({ mails, shown, choose }: { mails: CaughtMail[]; shown: CaughtMail; choose: (id: string) => void }) {
  return (
    <ul class="plain stack" aria-label={t("catcher.title")}>
      {mails.map((mail) => (
        <li key={mail.id}>
          <button type="button" class="button quiet catcher-entry" aria-current={mail.id === shown.id ? "true" : undefined} onClick={() => choose(mail.id)}>
            <span class="strong">{mail.subject}</span>
            <span class="meta">{mail.to}</span>
            <span class="meta"><Time at={mail.created_at} zone={viewerZone()} /></span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Letter({ mail }: { mail: CaughtMail }) {
  return (
    <section class="stack wide" aria-label={mail.subject}>
      <dl class="meta">
        <dt class="strong">{t("catcher.from")}</dt><dd>{mail.sender_name}</dd>
        <dt class="strong">{t("catcher.to")}</dt><dd>{mail.to}</dd>
        <dt class="strong">{t("catcher.subject")}</dt><dd>{mail.subject}</dd>
      </dl>
      <iframe
        class="catcher-frame"
        title={t("catcher.mail", { subject: mail.subject })}
        sandbox="allow-top-navigation-by-user-activation"
        src={`/v1/mail-catcher/${mail.id}/page`}
      />
      <details>
        <summary>{t("catcher.text")}</summary>
        <pre class="catcher-text">{mail.text}</pre>
      </details>
    </section>
  );
}
