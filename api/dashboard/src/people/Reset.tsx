// A forgotten password: ask for the link, then choose a new one with it.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { PasswordField, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { useTitle } from "../components/Page";
import { t } from "../i18n";
import { LonePage } from "../shell/LonePage";
import { takeSecret } from "./secret";

export default function Reset() {
  const [secret] = useState(takeSecret);
  useTitle(t("reset.title"));
  return (
    <LonePage title={t("reset.title")}>
      {secret ? <Choose secret={secret} /> : <Ask />}
      <p><a href="/sign-in">{t("sign.in")}</a></p>
    </LonePage>
  );
}

function Ask() {
  const [email, setEmail] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [sent, setSent] = useState(false);
  const [working, setWorking] = useState(false);
  const submit = async () => {
    if (working) return;
    if (!email.includes("@")) return setErrors({ email: t("e.email") });
    setWorking(true);
    try {
      await post("/v1/auth/password-resets", { email: email.trim() });
      setErrors({});
      setSent(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  if (sent) return <Message tone="success">{t("reset.sent", { email: email.trim() })}</Message>;
  return (
    <Form errors={errors} onSubmit={() => void submit()}>
      <TextField name="email" type="email" label={t("email")} autocomplete="username" inputMode="email" value={email} error={errors.email} onInput={setEmail} />
      <Button type="submit" kind="primary" working={working} full>{t("reset.send")}</Button>
    </Form>
  );
}

function Choose({ secret }: { secret: string }) {
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [done, setDone] = useState(false);
  const [working, setWorking] = useState(false);
  const submit = async () => {
    if (working) return;
    setWorking(true);
    try {
      await post("/v1/auth/password-resets/use", { secret, password });
      setDone(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  if (done) return <Message tone="success">{t("reset.done")}</Message>;
  return (
    <Form errors={errors} onSubmit={() => void submit()}>
      <PasswordField name="password" label={t("password.new")} help={t("register.password.help")} autocomplete="new-password" value={password} error={errors.password} onInput={setPassword} />
      <Button type="submit" kind="primary" working={working} full>{t("password.set")}</Button>
    </Form>
  );
}
