// Inviting somebody: address, language of the mail, roles.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { Select, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { LANGUAGES, language, t } from "../i18n";
import { RoleFields, type Roles } from "./RoleFields";

const NOBODY: Roles = { agency_role: null, clients: [] };

export function Invite({ invited }: { invited: () => void }) {
  const [email, setEmail] = useState("");
  const [locale, setLocale] = useState<string>(language.value);
  const [roles, setRoles] = useState(NOBODY);
  const [errors, setErrors] = useState<Errors>({});
  const [sent, setSent] = useState("");
  const [working, setWorking] = useState(false);
  const submit = async () => {
    if (working) return;
    if (!email.includes("@")) return setErrors({ email: t("e.email") });
    setWorking(true);
    setSent("");
    try {
      await post("/v1/invitations", { email: email.trim(), locale, ...roles });
      setErrors({});
      setSent(email.trim());
      setEmail("");
      setRoles(NOBODY);
      invited();
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card form stack wide" onSubmit={() => void submit()}>
      <h2>{t("team.invite")}</h2>
      <TextField name="email" type="email" label={t("email")} inputMode="email" value={email} error={errors.email} onInput={setEmail} />
      <Select name="locale" label={t("language")} value={locale} options={Object.entries(LANGUAGES)} onChange={setLocale} />
      <RoleFields id="invite" roles={roles} change={setRoles} />
      <div class="row"><Button type="submit" kind="primary" working={working}>{t("team.invite.send")}</Button></div>
      {sent && <Message tone="success">{t("team.invited", { email: sent })}</Message>}
    </Form>
  );
}
