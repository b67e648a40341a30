// Accounts of a client, those that need somebody first; connecting new ones.
import { get } from "../api/client";
import type { Account, ClientPlugin, MyClient, Page as ListPage } from "../api/schema";
import { useResource, type Resource } from "../api/useResource";
import { Avatar } from "../components/Avatar";
import { Button, LinkButton } from "../components/Button";
import { Empty, Loaded } from "../components/Feedback";
import { PluginIcon } from "../components/Icon";
import { Menu } from "../components/Menu";
import { Page } from "../components/Page";
import { AccountChip } from "../components/StatusChip";
import { Table } from "../components/Table";
import { ConnectPanel } from "../connect/ConnectPanel";
import { useConnect, type Connecting } from "../connect/useConnect";
import { Until, needsReconnect } from "../connect/working";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { api, currentClient, mayEdit } from "../lib/context";
import { inClient } from "../router";

const LOOK_AGAIN_MS = 30_000;
const NEED: Account["state"][] = ["revoked", "needs_reconnect", "expiring", "active", "disconnected"];

const byNeed = (a: Account, b: Account) =>
  Number(Boolean(b.last_error)) - Number(Boolean(a.last_error)) ||
  NEED.indexOf(a.state) - NEED.indexOf(b.state) ||
  a.name.localeCompare(b.name);

export default function Accounts() {
  const client = currentClient.value;
  return client && <ClientAccounts client={client} />;
}

function ClientAccounts({ client }: { client: MyClient }) {
  const accounts = useResource(
    `accounts ${client.id}`,
    (signal) => get<ListPage<Account>>(api(client, "accounts"), { query: { limit: "100" }, signal }),
    () => LOOK_AGAIN_MS,
  );
  const plugins = useResource(`plugins ${client.id}`, (signal) => get<ListPage<ClientPlugin>>(api(client, "plugins"), { signal }));
  const connecting = useConnect(client, (attempt) => {
    accounts.reload();
    announce(t("connect.done", { accounts: attempt.accounts.map((one) => one.name).join(", ") }));
    window.setTimeout(() => document.getElementById(`row-${attempt.accounts[0]?.id}`)?.querySelector("a")?.focus(), 600);
  });
  const rows = accounts.data?.items ?? [];
  const connect = mayEdit(client) && <ConnectButton client={client} plugins={plugins} connecting={connecting} />;
  const start = (adapter: string) => void connecting.start(adapter);
  return (
    <Page title={t("accounts.title")} action={rows.length ? connect : undefined}>
      <ConnectPanel connecting={connecting} again={start} />
      <Loaded from={accounts}>
        {() => rows.length
          ? <AccountTable client={client} accounts={[...rows].sort(byNeed)} connecting={connecting} />
          : !connecting.attempt && <Empty action={connect}>{t("accounts.empty")}</Empty>}
      </Loaded>
    </Page>
  );
}

/** One adapter: a button. Several: a menu. None: where to turn one on. */
function ConnectButton({ client, plugins, connecting }: { client: MyClient; plugins: Resource<ListPage<ClientPlugin>>; connecting: Connecting }) {
  if (!plugins.data) return null;
  const adapters = connectable(plugins.data.items);
  const only = adapters.length === 1 ? adapters[0] : undefined;
  if (!adapters.length) return <LinkButton href={inClient(client.slug, "plugins")} primary>{t("connect.none")}</LinkButton>;
  if (only) {
    return (
      <Button kind="primary" working={connecting.busy} onPress={() => void connecting.start(only.key)}>
        {t("connect.platform", { platform: only.name })}
      </Button>
    );
  }
  return (
    <Menu
      label={t("connect")}
      class="button primary"
      entries={adapters.map(({ key, name }) => ({ label: name, onPress: () => void connecting.start(key) }))}
    />
  );
}

/** Adapters of enabled plugins that sign in somewhere, by the name people know. */
function connectable(plugins: ClientPlugin[]): { key: string; name: string }[] {
  const found = plugins
    .filter((one) => one.enabled && one.plugin.state === "active")
    .flatMap(({ plugin }) => {
      const own = plugin.adapters.filter((adapter) => adapter.family.startsWith("auth"));
      return own.map(({ key, platform }) => ({ key, name: own.length > 1 ? `${plugin.name} (${platform})` : plugin.name }));
    });
  return found.filter((one, i) => found.findIndex((other) => other.key === one.key) === i);
}

function AccountTable({ client, accounts, connecting }: { client: MyClient; accounts: Account[]; connecting: Connecting }) {
  return (
    <Table
      caption={t("accounts.title")}
      rows={accounts}
      rowKey={(account) => account.id}
      columns={[
        { key: "state", title: t("state"), bare: true, cell: (a) => <AccountChip state={a.state} problem={Boolean(a.last_error)} /> },
        { key: "name", title: t("account"), bare: true, cell: (a) => <AccountName client={client} account={a} /> },
        { key: "through", title: t("account.through"), cell: (a) => <span class="row"><PluginIcon path={a.icon} />{a.platform_name}</span> },
        { key: "until", title: t("account.until"), cell: (a) => <Until client={client} account={a} /> },
        { key: "action", title: t("actions"), bare: true, cell: (a) => needsReconnect(a) && mayEdit(client) && (
          <Button onPress={() => void connecting.start(a.adapter, a.id)}>{t("reconnect", { account: a.name })}</Button>
        ) },
      ]}
    />
  );
}

function AccountName({ client, account }: { client: MyClient; account: Account }) {
  return (
    <span class="row">
      <Avatar name={account.name} picture={account.picture_url} />
      <span class="grow">
        <a class="strong" href={inClient(client.slug, `accounts/${account.id}`)}>{account.name}</a>
        {account.last_error && <span class="meta block">{account.last_error.message}</span>}
      </span>
    </span>
  );
}
