// Email and password; on refusal the email stays, the password goes, one sentence says why.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { signIn } from "../api/session";
import { Button } from "../components/Button";
import { PasswordField, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { t } from "../i18n";
import { clock, viewerZone } from "../i18n/time";

export function SignInForm({ email: known = "" }: { email?: string }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [working, setWorking] = useState(false);

  const submit = async () => {
    if (working) return;
    setWorking(true);
    try {
      await signIn(email.trim(), password);
    } catch (error) {
      setPassword("");
      setErrors(refusal(error));
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} onSubmit={() => void submit()}>
      <div class="stack wide">
        <TextField name="email" type="email" label={t("email")} autocomplete="username" inputMode="email" value={email} error={errors.email} onInput={setEmail} />
        <PasswordField name="password" label={t("password")} autocomplete="current-password" value={password} error={errors.password} onInput={setPassword} />
      </div>
      <Button type="submit" kind="primary" working={working} full>{t("sign.in")}</Button>
    </Form>
  );
}

function refusal(error: unknown): Errors {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === "sign_in_failed") return { password: t("e.signin") };
  const opens = error.details.retry_at;
  if (error.code !== "too_many_attempts" || typeof opens !== "string") return errorsOf(error);
  return { "": t("e.locked", { time: clock(viewerZone(), new Date(opens)) }) };
}
