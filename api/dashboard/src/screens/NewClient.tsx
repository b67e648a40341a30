// Creating a client: name, zone, language; then straight to connecting its first account.
import { useRef, useState } from "preact/hooks";
import { post } from "../api/client";
import { refresh } from "../api/session";
import type { Client, Locale } from "../api/schema";
import { Button } from "../components/Button";
import { Select, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { ZoneField } from "../components/ZoneField";
import { LANGUAGES, language, t } from "../i18n";
import { viewerZone } from "../i18n/time";
import { announce } from "../lib/announce";
import { inClient, navigate } from "../router";

export default function NewClient() {
  const [name, setName] = useState("");
  const [zone, setZone] = useState(viewerZone());
  const [locale, setLocale] = useState<string>(language.value);
  const [errors, setErrors] = useState<Errors>({});
  const [working, setWorking] = useState(false);
  const idempotencyKey = useRef(crypto.randomUUID());

  const submit = async () => {
    if (working) return;
    if (!name.trim()) return setErrors({ name: t("e.client.name") });
    setWorking(true);
    try {
      const body = { name: name.trim(), time_zone: zone, locale: locale as Locale };
      const client = await post<Client>("/v1/clients", body, { idempotencyKey: idempotencyKey.current });
      await refresh();
      announce(t("client.created", { client: client.name }));
      navigate(inClient(client.slug, "accounts"));
    } catch (error) {
      idempotencyKey.current = crypto.randomUUID();
      setErrors(errorsOf(error));
      setWorking(false);
    }
  };
  return (
    <Page title={t("client.new")}>
      <Form errors={errors} class="card form stack wide loose" onSubmit={() => void submit()}>
        <div class="stack wide">
          <TextField name="name" label={t("client.name")} autocomplete="organization" value={name} error={errors.name} onInput={setName} />
          <ZoneField value={zone} error={errors.time_zone} onInput={setZone} />
          <Select name="locale" label={t("client.language")} value={locale} options={Object.entries(LANGUAGES)} onChange={setLocale} />
        </div>
        <Button type="submit" kind="primary" working={working}>{t("client.create")}</Button>
      </Form>
    </Page>
  );
}
