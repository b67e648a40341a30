// API keys of a client: made, shown once, revoked.
import { useState } from "preact/hooks";
import { get, post, remove } from "../api/client";
import type { ActionRoles, ApiKey, MadeKey, MyClient, Page as ListPage } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button, CopyButton } from "../components/Button";
import { Empty, Loaded, Message } from "../components/Feedback";
import { Choice, Choices, Select, TextArea, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { Table } from "../components/Table";
import { has, t } from "../i18n";
import { longDate, viewerZone } from "../i18n/time";
import { currentClient } from "../lib/context";

export default function Keys() {
  const client = currentClient.value;
  return client && <Of client={client} />;
}

function Of({ client }: { client: MyClient }) {
  const path = `/v1/clients/${client.id}/api-keys`;
  const keys = useResource(path, (signal) => get<ListPage<ApiKey>>(path, { signal }));
  const revoke = (key: ApiKey) => remove(`${path}/${key.id}`).then(keys.reload);
  return (
    <Page title={t("keys")}>
      <Loaded from={keys}>
        {(page) => page.items.length ? <KeyTable keys={page.items} revoke={revoke} /> : <Empty>{t("keys.empty")}</Empty>}
      </Loaded>
      <NewKey path={path} made={keys.reload} />
    </Page>
  );
}

function KeyTable({ keys, revoke }: { keys: ApiKey[]; revoke: (key: ApiKey) => Promise<unknown> }) {
  const day = (at: string | null) => (at ? longDate(viewerZone(), new Date(at)) : t("keys.never"));
  return (
    <Table
      caption={t("keys")}
      rows={keys}
      rowKey={(key) => key.id}
      columns={[
        { key: "name", title: t("keys.name"), cell: (k) => <><strong>{k.name}</strong> <code>{k.key ?? k.prefix}</code></> },
        { key: "kind", title: t("keys.kind"), cell: (k) => t(`keys.kind.${k.kind}`) },
        { key: "may", title: t("keys.scopes"), cell: (k) => [...k.scopes.map(scopeText), ...k.origins, ...k.addresses].join(", ") },
        { key: "used", title: t("keys.used"), cell: (k) => [day(k.last_used_at), k.last_used_ip].filter(Boolean).join(" · ") },
        { key: "state", title: t("keys.state"), cell: (k) => t(`keys.state.${k.state}`) },
        { key: "revoke", title: "", bare: true, cell: (k) => k.state !== "revoked" && <Button kind="danger" onPress={() => revoke(k)}>{t("keys.revoke")}</Button> },
      ]}
    />
  );
}

function scopeText(scope: string): string {
  const key = `scope.${scope}`;
  return has(key) ? t(key) : scope;
}

const lines = (text: string) => text.split(/\s+/).filter(Boolean);

function NewKey({ path, made }: { path: string; made: () => void }) {
  const roles = useResource("roles", (signal) => get<ListPage<ActionRoles>>("/v1/roles", { signal }));
  const [kind, setKind] = useState<string>("secret");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [places, setPlaces] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [fresh, setFresh] = useState<MadeKey | null>(null);
  const [working, setWorking] = useState(false);
  const secret = kind === "secret";
  const submit = async () => {
    if (working) return;
    setWorking(true);
    setFresh(null);
    const limits = secret ? { scopes, addresses: lines(places) } : { origins: lines(places) };
    try {
      setFresh(await post<MadeKey>(path, { kind, name, ...limits }));
      setErrors({});
      setName("");
      made();
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  const pick = (scope: string, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter((s) => s !== scope));
  return (
    <Form errors={errors} class="card form stack wide" onSubmit={() => void submit()}>
      <h2>{t("keys.new")}</h2>
      {fresh?.secret && (
        <Message tone="success">
          <p>{t("keys.once")}</p>
          <p><code>{fresh.secret}</code></p>
          <CopyButton text={fresh.secret}>{t("keys.copy")}</CopyButton>
        </Message>
      )}
      <TextField name="name" label={t("keys.name")} value={name} error={errors.name} onInput={setName} />
      <Select name="kind" label={t("keys.kind")} value={kind} options={[["secret", t("keys.kind.secret")], ["publishable", t("keys.kind.publishable")]]} onChange={setKind} />
      {secret && (
        <Choices id="scopes" legend={t("keys.scopes")} error={errors.scopes}>
          {roles.data?.items.filter((row) => row.keys).map((row) => (
            <Choice key={row.action} name={row.action} label={scopeText(row.action)} checked={scopes.includes(row.action)} onChange={(on) => pick(row.action, on)} />
          ))}
        </Choices>
      )}
      {secret
        ? <TextArea name="addresses" label={t("keys.addresses")} help={t("keys.addresses.help")} value={places} error={errors.addresses} onInput={setPlaces} />
        : <TextArea name="origins" label={t("keys.origins")} help={t("keys.origins.help")} value={places} error={errors.origins} onInput={setPlaces} />}
      <div class="row"><Button type="submit" kind="primary" working={working}>{t("keys.new")}</Button></div>
    </Form>
  );
}
