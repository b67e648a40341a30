// An invitation: one press for people with an account, name and password for new ones.
import { useEffect, useState } from "preact/hooks";
import { post } from "../api/client";
import { ApiError } from "../api/errors";
import type { Invited } from "../api/schema";
import { acceptInvitation, refresh, sessionState } from "../api/session";
import { Button } from "../components/Button";
import { Message, Skeleton } from "../components/Feedback";
import { PasswordField, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { useTitle } from "../components/Page";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import { navigate } from "../router";
import { LonePage } from "../shell/LonePage";
import { takeSecret } from "./secret";

export default function Invitation() {
  const [secret] = useState(() => takeSecret() ?? "");
  const [offer, setOffer] = useState<Invited | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const title = offer ? t("invited.title", { agency: offer.agency_name }) : t("invited");
  useTitle(title);
  useEffect(() => {
    post<Invited>("/v1/auth/invitations", { secret })
      .then(setOffer)
      .catch((error: unknown) => error instanceof ApiError && setRefused(error));
  }, []);
  return (
    <LonePage title={title}>
      {refused && <Message tone="warn">{errorText(refused)}</Message>}
      {!refused && !offer && <Skeleton />}
      {offer && <Join secret={secret} offer={offer} />}
    </LonePage>
  );
}

function Join({ secret, offer }: { secret: string; offer: Invited }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [joined, setJoined] = useState(false);
  const [working, setWorking] = useState(false);
  const submit = async () => {
    if (working) return;
    if (!offer.joins && !name.trim()) return setErrors({ name: t("e.name") });
    setWorking(true);
    try {
      const signedIn = await acceptInvitation(secret, offer.joins ? null : { name, password });
      if (signedIn) return navigate("/", { replace: true });
      if (sessionState.value === "open") await refresh();
      setJoined(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  const where = offer.agency_role ? offer.agency_name : offer.clients.join(", ");
  if (joined) return <><Message tone="success">{t("invited.joined", { agency: offer.agency_name })}</Message><p><a href="/">{t("verify.on")}</a></p></>;
  return (
    <Form errors={errors} onSubmit={() => void submit()}>
      <p>{t("invited.where", { place: where, email: offer.email })}</p>
      {!offer.joins && (
        <div class="stack wide">
          <TextField name="name" label={t("register.name")} autocomplete="name" value={name} error={errors.name} onInput={setName} />
          <PasswordField name="password" label={t("password")} help={t("register.password.help")} autocomplete="new-password" value={password} error={errors.password} onInput={setPassword} />
        </div>
      )}
      <Button type="submit" kind="primary" working={working} full>{t("invited.join")}</Button>
    </Form>
  );
}
