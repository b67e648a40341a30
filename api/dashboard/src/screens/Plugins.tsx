// Plugins installed for the whole house, their state and the reason for it.
import { get } from "../api/client";
import type { Page as ListPage, Plugin } from "../api/schema";
import { useResource } from "../api/useResource";
import { Empty, Loaded } from "../components/Feedback";
import { PluginIcon } from "../components/Icon";
import { Page } from "../components/Page";
import { PluginChip } from "../components/StatusChip";
import { t } from "../i18n";
import { Sheet } from "../plugins/Sheet";

export default function Plugins() {
  const plugins = useResource("plugins", (signal) => get<ListPage<Plugin>>("/v1/plugins", { signal }));
  return (
    <Page title={t("plugins.installed")}>
      <p class="muted measure">{t("plugins.installed.intro")}</p>
      <Loaded from={plugins}>
        {(page) => page.items.length
          ? <ul class="plain stack wide">{page.items.map((plugin) => <Installed key={plugin.key} plugin={plugin} />)}</ul>
          : <Empty>{t("plugins.empty")}</Empty>}
      </Loaded>
    </Page>
  );
}

function Installed({ plugin }: { plugin: Plugin }) {
  return (
    <li>
      <details class="card">
        <summary>
          <span class="row inline">
            <PluginIcon path={plugin.icon} />
            <span class="strong">{plugin.name}</span>
            <span class="meta">{plugin.version}</span>
            <PluginChip state={plugin.state} />
            {plugin.reason && <span class="meta">{plugin.reason}</span>}
          </span>
        </summary>
        <Sheet plugin={plugin} />
      </details>
    </li>
  );
}
