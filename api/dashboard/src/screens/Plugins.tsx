// Plugins installed for the whole house, their state and the reason for it.
import { get } from "../api/client";
import type { Page as ListPage, Plugin } from "../api/schema";
import { useResource } from "../api/useResource";
import { Empty, Loaded } from "../components/Feedback";
import { PluginIcon } from "../components/Icon";
import { Page } from "../components/Page";
import { PluginChip } from "../components/StatusChip";
import { Table } from "../components/Table";
import { t } from "../i18n";

export default function Plugins() {
  const plugins = useResource("plugins", (signal) => get<ListPage<Plugin>>("/v1/plugins", { signal }));
  return (
    <Page title={t("plugins.installed")}>
      <p class="muted measure">{t("plugins.installed.intro")}</p>
      <Loaded from={plugins}>
        {(page) => page.items.length ? <Installed plugins={page.items} /> : <Empty>{t("plugins.empty")}</Empty>}
      </Loaded>
    </Page>
  );
}

function Installed({ plugins }: { plugins: Plugin[] }) {
  return (
    <Table
      caption={t("plugins.installed")}
      rows={plugins}
      rowKey={(plugin) => plugin.key}
      columns={[
        { key: "name", title: t("plugin"), bare: true, cell: (p) => <span class="row"><PluginIcon path={p.icon} /><a class="strong" href={`/plugins/${p.key}`}>{p.name}</a></span> },
        { key: "version", title: t("plugin.version"), cell: (p) => <span class="figures">{p.version}</span> },
        { key: "state", title: t("state"), cell: (p) => <PluginChip state={p.state} /> },
        { key: "note", title: t("plugin.note"), bare: true, cell: (p) => p.reason },
      ]}
    />
  );
}
