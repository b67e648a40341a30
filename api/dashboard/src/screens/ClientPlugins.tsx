// What one client can use, and whether it is on and set up.
import { get } from "../api/client";
import type { ClientPlugin, MyClient, Page as ListPage } from "../api/schema";
import { useResource } from "../api/useResource";
import { Empty, Loaded } from "../components/Feedback";
import { PluginIcon } from "../components/Icon";
import { Page } from "../components/Page";
import { PluginChip } from "../components/StatusChip";
import { Table } from "../components/Table";
import { t } from "../i18n";
import { api, currentClient } from "../lib/context";
import { trouble } from "../plugins/trouble";
import { inClient } from "../router";

export default function ClientPlugins() {
  const client = currentClient.value;
  return client && <List client={client} />;
}

function List({ client }: { client: MyClient }) {
  const path = api(client, "plugins");
  const plugins = useResource(path, (signal) => get<ListPage<ClientPlugin>>(path, { signal }));
  return (
    <Page title={t("plugins.for", { client: client.name })} tabTitle={t("nav.plugins")}>
      <Loaded from={plugins}>
        {(page) => page.items.length ? <PluginTable client={client} items={page.items} /> : <Empty>{t("plugins.empty")}</Empty>}
      </Loaded>
    </Page>
  );
}

function PluginTable({ client, items }: { client: MyClient; items: ClientPlugin[] }) {
  return (
    <Table
      caption={t("plugins.for", { client: client.name })}
      rows={items}
      rowKey={(item) => item.plugin.key}
      columns={[
        { key: "name", title: t("plugin"), bare: true, cell: ({ plugin }) => <span class="row"><PluginIcon path={plugin.icon} /><a class="strong" href={inClient(client.slug, `plugins/${plugin.key}`)}>{plugin.name}</a></span> },
        { key: "on", title: t("plugin.here"), cell: (item) => <PluginChip state={item.enabled ? "on" : "off"} /> },
        { key: "state", title: t("state"), cell: ({ plugin }) => <PluginChip state={plugin.state} /> },
        { key: "trouble", title: t("plugin.note"), bare: true, cell: (item) => trouble(item) },
      ]}
    />
  );
}
