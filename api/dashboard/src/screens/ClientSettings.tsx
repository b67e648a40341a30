// Settings of one client: name, clock, language, colour, and the brands it speaks for.
import { useRef, useState } from "preact/hooks";
import { get, patch, post } from "../api/client";
import { refresh } from "../api/session";
import type { Brand, Client, ClientChange, Locale, MyClient, Page as ListPage } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button } from "../components/Button";
import { Empty, Loaded, Message } from "../components/Feedback";
import { ColourField, Select, TextArea, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { ZoneField } from "../components/ZoneField";
import { LANGUAGES, t } from "../i18n";
import { announce } from "../lib/announce";
import { api, currentClient, mayAdmin, mayEdit } from "../lib/context";

export default function ClientSettings() {
  const client = currentClient.value;
  return client && <Settings client={client} />;
}

function Settings({ client }: { client: MyClient }) {
  const path = `/v1/clients/${client.id}`;
  const full = useResource(path, (signal) => get<Client>(path, { signal }));
  return (
    <Page title={t("client.settings", { client: client.name })} tabTitle={t("nav.settings")}>
      {mayAdmin(client) && <Loaded from={full}>{(data) => <General client={data} changed={full.replace} />}</Loaded>}
      <Brands client={client} />
    </Page>
  );
}

function General({ client, changed }: { client: Client; changed: (client: Client) => void }) {
  const [edits, setEdits] = useState<ClientChange>({});
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const [working, setWorking] = useState(false);
  const shown = { ...client, ...edits };
  const edit = (change: ClientChange) => {
    setSaved(false);
    setEdits({ ...edits, ...change });
  };
  const save = async () => {
    if (working) return;
    if (!shown.name.trim()) return setErrors({ name: t("e.client.name") });
    setWorking(true);
    try {
      changed(await patch<Client>(`/v1/clients/${client.id}`, edits));
      await refresh();
      setEdits({});
      setErrors({});
      setSaved(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card form stack wide loose" onSubmit={() => void save()}>
      <div class="stack wide">
        <TextField name="name" label={t("client.name")} autocomplete="organization" value={shown.name} error={errors.name} onInput={(name) => edit({ name })} />
        <ZoneField value={shown.time_zone} error={errors.time_zone} onInput={(time_zone) => edit({ time_zone })} />
        <Select name="locale" label={t("client.language")} value={shown.locale} options={Object.entries(LANGUAGES)} error={errors.locale} onChange={(locale) => edit({ locale: locale as Locale })} />
        <ColourField name="colour" label={t("client.colour")} help={t("client.colour.help")} value={shown.colour} error={errors.colour} onInput={(colour) => edit({ colour })} />
      </div>
      <div class="row">
        <Button type="submit" kind="primary" working={working}>{t("save")}</Button>
      </div>
      {saved && <Message tone="success">{t("saved")}</Message>}
    </Form>
  );
}

function Brands({ client }: { client: MyClient }) {
  const path = api(client, "brands");
  const brands = useResource(path, (signal) => get<ListPage<Brand>>(path, { query: { limit: "100" }, signal }));
  return (
    <section class="stack wide">
      <h2>{t("brands")}</h2>
      <Loaded from={brands}>
        {(page) => page.items.length
          ? (
            <ul class="plain stack wide form">
              {page.items.map((brand) => (
                <li key={brand.id} class="card stack">
                  <span class="strong">{brand.name}</span>
                  {brand.voice && <span class="muted preview-text">{brand.voice}</span>}
                </li>
              ))}
            </ul>
          )
          : <Empty>{t("brands.empty")}</Empty>}
      </Loaded>
      {mayEdit(client) && <NewBrand path={path} made={brands.reload} />}
    </section>
  );
}

function NewBrand({ path, made }: { path: string; made: () => void }) {
  const [name, setName] = useState("");
  const [voice, setVoice] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [working, setWorking] = useState(false);
  const idempotencyKey = useRef(crypto.randomUUID());
  const submit = async () => {
    if (working) return;
    if (!name.trim()) return setErrors({ "brand-name": t("e.brand.name") });
    setWorking(true);
    try {
      await post<Brand>(path, { name: name.trim(), voice }, { idempotencyKey: idempotencyKey.current });
      announce(t("brand.created", { brand: name.trim() }));
      setName("");
      setVoice("");
      setErrors({});
      made();
    } catch (error) {
      const found = errorsOf(error);
      setErrors(Object.fromEntries(Object.entries(found).map(([field, text]) => [field && `brand-${field}`, text])));
    } finally {
      idempotencyKey.current = crypto.randomUUID();
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card form stack wide" onSubmit={() => void submit()}>
      <h3>{t("brand.new")}</h3>
      <TextField name="brand-name" label={t("brand.name")} value={name} error={errors["brand-name"]} onInput={setName} />
      <TextArea name="brand-voice" label={t("brand.voice")} help={t("brand.voice.help")} value={voice} error={errors["brand-voice"]} onInput={setVoice} />
      <div class="row">
        <Button type="submit" working={working}>{t("brand.create")}</Button>
      </div>
    </Form>
  );
}
