// One installed plugin: its state, the agency's settings for all its clients, what it can do.
import { get, put } from "../api/client";
import { me } from "../api/session";
import type { AgencyPlugin, Plugin } from "../api/schema";
import { useResource } from "../api/useResource";
import { Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { PluginChip } from "../components/StatusChip";
import { t } from "../i18n";
import type { ScreenProps } from "../lib/lazy";
import { SettingsForm } from "../plugins/SettingsForm";
import { Sheet } from "../plugins/Sheet";

export default function InstalledPlugin({ params }: ScreenProps) {
  const path = `/v1/plugins/${params.key ?? ""}`;
  const plugin = useResource(path, (signal) => get<Plugin>(path, { signal }));
  return (
    <Page title={plugin.data?.name ?? t("plugin")}>
      <p><a href="/plugins">{t("plugins.back")}</a></p>
      <Loaded from={plugin}>
        {(data) => (
          <div class="stack wide loose">
            <div><PluginChip state={data.state} /></div>
            {data.settings_schema && <AgencySettings path={`${path}/settings`} schema={data.settings_schema} />}
            <Sheet plugin={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function AgencySettings({ path, schema }: { path: string; schema: { required?: string[] } }) {
  const agency = me.value?.agency;
  const item = useResource(path, (signal) => get<AgencyPlugin>(path, { signal }));
  const elsewhere = (own: AgencyPlugin) =>
    (schema.required ?? []).filter((name) => own.settings[name] == null && !own.missing.includes(name));
  return (
    <Loaded from={item}>
      {(own) => (
        <SettingsForm
          title={t("plugin.settings.of", { name: agency?.name ?? "" })}
          intro={t("plugin.settings.agency")}
          schema={schema}
          stored={own.settings}
          inherited={elsewhere(own)}
          inheritedHelp={t("setting.installed")}
          zone={agency?.time_zone ?? "UTC"}
          save={async (settings) => item.replace(await put<AgencyPlugin>(path, { settings }))}
        />
      )}
    </Loaded>
  );
}
