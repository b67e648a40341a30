// Registration of an agency with its first user.
import { useState } from "preact/hooks";
import { register } from "../api/session";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { PasswordField, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { useTitle } from "../components/Page";
import { ZoneField } from "../components/ZoneField";
import { language, t } from "../i18n";
import { viewerZone } from "../i18n/time";
import { LonePage } from "../shell/LonePage";

export default function Register() {
  const [values, setValues] = useState({ agency_name: "", name: "", email: "", password: "", time_zone: viewerZone() });
  const [errors, setErrors] = useState<Errors>({});
  const [working, setWorking] = useState(false);
  const [written, setWritten] = useState(false);
  const set = (name: keyof typeof values) => (value: string) => setValues({ ...values, [name]: value });
  useTitle(t("register.title"));

  const submit = async () => {
    const missing = emptyFields(values);
    if (working || missing) return setErrors(missing ?? {});
    setWorking(true);
    try {
      if (!(await register({ ...values, locale: language.value }))) setWritten(true);
    } catch (error) {
      setErrors(errorsOf(error));
      setWorking(false);
    }
  };
  if (written) return <LonePage title={t("register.title")}><Message tone="info">{t("register.mail", { email: values.email })}</Message><p><a href="/sign-in">{t("sign.in")}</a></p></LonePage>;
  return (
    <LonePage title={t("register.title")}>
      <p class="muted">{t("register.intro")}</p>
      <Form errors={errors} onSubmit={() => void submit()}>
        <div class="stack wide">
          <TextField name="agency_name" label={t("register.agency")} autocomplete="organization" value={values.agency_name} error={errors.agency_name} onInput={set("agency_name")} />
          <TextField name="name" label={t("register.name")} autocomplete="name" value={values.name} error={errors.name} onInput={set("name")} />
          <TextField name="email" type="email" label={t("email")} autocomplete="username" inputMode="email" value={values.email} error={errors.email} onInput={set("email")} />
          <PasswordField name="password" label={t("password")} help={t("register.password.help")} autocomplete="new-password" value={values.password} error={errors.password} onInput={set("password")} />
          <ZoneField value={values.time_zone} error={errors.time_zone} onInput={set("time_zone")} />
        </div>
        <Button type="submit" kind="primary" working={working} full>{t("register.do")}</Button>
      </Form>
      <p>{t("register.have")} <a href="/sign-in">{t("sign.in")}</a></p>
    </LonePage>
  );
}

function emptyFields(values: Record<"agency_name" | "name" | "email" | "password", string>): Errors | null {
  const errors: Errors = {};
  if (!values.agency_name.trim()) errors.agency_name = t("e.agency");
  if (!values.name.trim()) errors.name = t("e.name");
  if (!values.email.includes("@")) errors.email = t("e.email");
  if (!values.password) errors.password = t("e.password");
  return Object.keys(errors).length ? errors : null;
}
