// What the page says while the connect window is open, and how it ended.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attempt, Choice as Found } from "../api/schema";
import { Avatar } from "../components/Avatar";
import { Button } from "../components/Button";
import { Message, RequestDetails } from "../components/Feedback";
import { Choice, Choices } from "../components/Field";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import type { Connecting } from "./useConnect";

export function ConnectPanel({ connecting, again }: { connecting: Connecting; again: (adapter: string) => void }) {
  const { attempt, error } = connecting;
  if (error && !attempt) return <Refused connecting={connecting} />;
  if (!attempt) return null;
  if (attempt.state === "waiting" || attempt.state === "choosing") return <Open connecting={connecting} attempt={attempt} />;
  if (attempt.state === "connected") {
    const names = attempt.accounts.map((account) => account.name).join(", ");
    return <Message tone="success">{t("connect.done", { accounts: names })}</Message>;
  }
  return (
    <Message tone={attempt.state === "failed" ? "danger" : "warn"}>
      <p>{attempt.error?.message ?? t(`connect.${attempt.state}`)}</p>
      <div class="row">
        <Button onPress={() => again(attempt.adapter)}>{t("connect.again")}</Button>
        <Button kind="quiet" onPress={connecting.dismiss}>{t("close")}</Button>
      </div>
    </Message>
  );
}

function Refused({ connecting }: { connecting: Connecting }) {
  if (!connecting.error) return null;
  return (
    <Message tone="danger">
      <p>{errorText(connecting.error)}</p>
      <RequestDetails id={connecting.error.requestId} />
      <Button kind="quiet" onPress={connecting.dismiss}>{t("close")}</Button>
    </Message>
  );
}

function Open({ connecting, attempt }: { connecting: Connecting; attempt: Attempt }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="message tone-info" aria-labelledby="connect-title">
      <h2 id="connect-title" ref={heading} tabIndex={-1}>{connecting.blocked ? t("e.popup") : t("connect.finish")}</h2>
      {connecting.slow && <p role="status">{t("connect.slow")}</p>}
      <div class="row">
        {connecting.blocked
          ? <a class="button primary" href={attempt.url} target="_blank" rel="opener">{t("connect.link")}</a>
          : <Button onPress={connecting.openAgain}>{t("connect.open.again")}</Button>}
        <a class="button" href={attempt.url} onClick={rememberPlace}>{t("connect.full.page")}</a>
        <Button onPress={connecting.cancel}>{t("connect.cancel")}</Button>
      </div>
      {connecting.error && <p>{errorText(connecting.error)}</p>}
      {attempt.state === "choosing" && <ChooseHere choices={attempt.choices} choose={connecting.choose} />}
    </section>
  );
}

/** The page of the window reads this when it stands alone, to lead back here. */
const rememberPlace = () => sessionStorage.setItem("palabre.connect.back", window.location.pathname);

/** The choice belongs to the window; here for those who closed it. */
function ChooseHere({ choices, choose }: { choices: Found[]; choose: (ids: string[]) => Promise<void> }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [asked, setAsked] = useState(false);
  const toggle = (id: string, on: boolean) => setChosen(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  const send = async () => {
    setAsked(true);
    if (chosen.length) await choose(chosen);
  };
  return (
    <details class="full">
      <summary>{t("choose.here")}</summary>
      <div class="card stack wide">
        <Choices id="choices" legend={t("choose.legend")} error={asked && !chosen.length ? t("e.choose") : undefined}>
          {choices.map((one) => one.connectable
            ? <Choice key={one.remote_id} name="choices" value={one.remote_id} checked={chosen.includes(one.remote_id)} onChange={(on) => toggle(one.remote_id, on)} label={<FoundAccount of={one} />} />
            : <p key={one.remote_id} class="muted"><FoundAccount of={one} /> {one.reason}</p>)}
        </Choices>
        <Button kind="primary" onPress={send}>{t("choose.do", { n: chosen.length })}</Button>
      </div>
    </details>
  );
}

function FoundAccount({ of }: { of: Found }) {
  return (
    <span class="row">
      <Avatar name={of.name} picture={of.picture_url} />
      <span>
        <span class="strong">{of.name}</span> {of.username && <span class="muted">@{of.username}</span>}
        {of.connected && <span class="muted"> · {t("choose.connected")}</span>}
      </span>
    </span>
  );
}
