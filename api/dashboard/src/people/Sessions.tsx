// Where the person is signed in, ending sessions, and changing the password.
import { useState } from "preact/hooks";
import { get, post, remove } from "../api/client";
import type { OpenSession, Page as ListPage } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button } from "../components/Button";
import { Loaded, Message } from "../components/Feedback";
import { PasswordField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { t } from "../i18n";
import { SessionTable } from "./SessionTable";

const PATH = "/v1/me/sessions";

export default function Sessions() {
  const sessions = useResource(PATH, (signal) => get<ListPage<OpenSession>>(PATH, { signal }));
  const end = (path: string) => remove(path).then(sessions.reload);
  return (
    <Page title={t("sessions")} action={<Button onPress={() => end(PATH)}>{t("sessions.end.others")}</Button>}>
      <Loaded from={sessions}>
        {(page) => <SessionTable sessions={page.items} end={(session) => end(`${PATH}/${session.id}`)} />}
      </Loaded>
      <Password changed={sessions.reload} />
    </Page>
  );
}

function Password({ changed }: { changed: () => void }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const [working, setWorking] = useState(false);
  const submit = async () => {
    if (working) return;
    setWorking(true);
    setSaved(false);
    try {
      await post("/v1/me/password", { current, password });
      setErrors({});
      setCurrent("");
      setPassword("");
      setSaved(true);
      changed();
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card form stack wide" onSubmit={() => void submit()}>
      <h2>{t("password.change")}</h2>
      <PasswordField name="current" label={t("password.present")} autocomplete="current-password" value={current} error={errors.current} onInput={setCurrent} />
      <PasswordField name="password" label={t("password.new")} help={t("register.password.help")} autocomplete="new-password" value={password} error={errors.password} onInput={setPassword} />
      <div class="row"><Button type="submit" kind="primary" working={working}>{t("password.change")}</Button></div>
      {saved && <Message tone="success">{t("password.changed")}</Message>}
    </Form>
  );
}
