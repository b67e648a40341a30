// Where each kind of notice reaches the person: under the bell, by mail.
import { useEffect, useState } from "preact/hooks";
import { get, put } from "../api/client";
import type { Preference, Preferences } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button } from "../components/Button";
import { Loaded, Message } from "../components/Feedback";
import { Choice, Choices } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { t } from "../i18n";

const PATH = "/v1/me/notification-preferences";

export default function Screen() {
  const stored = useResource("preferences", (signal) => get<Preferences>(PATH, { signal }));
  return (
    <Page title={t("preferences.title")}>
      <p class="measure">{t("preferences.about")}</p>
      <Catcher />
      <Loaded from={stored}>{(found) => <Choosing stored={found.items} replace={stored.replace} />}</Loaded>
    </Page>
  );
}

/** The demo has a mailbox of its own; elsewhere there is none. */
function Catcher() {
  const mails = useResource("catcher here", (signal) => get("/v1/mail-catcher", { query: { limit: "1" }, signal }));
  return mails.data ? <p><a href="/mail-catcher">{t("catcher.open")}</a></p> : null;
}

function Choosing({ stored, replace }: { stored: Preference[]; replace: (found: Preferences) => void }) {
  const [items, setItems] = useState(stored);
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const [working, setWorking] = useState(false);
  useEffect(() => setItems(stored), [stored]);
  const change = (kind: string, values: Partial<Preference>) => {
    setSaved(false);
    setItems(items.map((one) => (one.kind === kind ? { ...one, ...values } : one)));
  };
  const save = async () => {
    if (working) return;
    setWorking(true);
    try {
      replace(await put<Preferences>(PATH, { items }));
      setErrors({});
      setSaved(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="stack wide form" onSubmit={() => void save()}>
      {items.map((one) => (
        <section key={one.kind} class="card">
          <Choices id={`about-${one.kind}`} legend={t(`preferences.${one.kind}`)}>
            <Choice name={one.kind} value="in_app" label={t("preferences.in.app")} checked={one.in_app} onChange={() => change(one.kind, { in_app: !one.in_app })} />
            <Choice name={one.kind} value="email" label={t("preferences.email")} checked={one.email} onChange={() => change(one.kind, { email: !one.email })} />
          </Choices>
        </section>
      ))}
      <div class="row"><Button kind="primary" type="submit" working={working}>{t("preferences.save")}</Button></div>
      {saved && <Message tone="success">{t("saved")}</Message>}
    </Form>
  );
}
