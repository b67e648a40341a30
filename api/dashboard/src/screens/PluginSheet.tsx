// One plugin for one client: on or off, settings, what it can do.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { get, put } from "../api/client";
import type { ClientPlugin, MyClient } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button, LinkButton } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Loaded, Message, RequestDetails } from "../components/Feedback";
import { Page } from "../components/Page";
import { PluginChip } from "../components/StatusChip";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { api, currentClient, mayAdmin, mayEdit } from "../lib/context";
import { errorText } from "../lib/errorText";
import type { ScreenProps } from "../lib/lazy";
import { SettingsForm } from "../plugins/SettingsForm";
import { Sheet } from "../plugins/Sheet";
import { trouble } from "../plugins/trouble";
import { inClient } from "../router";

export default function PluginSheet({ params }: ScreenProps) {
  const client = currentClient.value;
  return client && <One client={client} name={params.key ?? ""} />;
}

function One({ client, name }: { client: MyClient; name: string }) {
  const path = api(client, `plugins/${name}`);
  const item = useResource(path, (signal) => get<ClientPlugin>(path, { signal }));
  return (
    <Page title={item.data ? t("plugin.for", { plugin: item.data.plugin.name, client: client.name }) : t("plugin")} tabTitle={item.data?.plugin.name ?? t("plugin")}>
      <p><a href={inClient(client.slug, "plugins")}>{t("plugins.back")}</a></p>
      <Loaded from={item}>
        {(data) => (
          <div class="stack wide loose">
            <Switch client={client} item={data} changed={item.replace} />
            {mayAdmin(client) && data.plugin.settings_schema && (
              <SettingsForm
                title={t("plugin.settings.of", { name: client.name })}
                schema={data.plugin.settings_schema}
                stored={data.settings}
                inherited={data.inherited}
                zone={client.time_zone}
                save={async (settings) => item.replace(await put<ClientPlugin>(path, { settings }))}
              />
            )}
            <Sheet plugin={data.plugin} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Switch({ client, item, changed }: { client: MyClient; item: ClientPlugin; changed: (item: ClientPlugin) => void }) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const words = { plugin: item.plugin.name, client: client.name };
  const turn = async (enabled: boolean) => {
    setError(null);
    try {
      changed(await put<ClientPlugin>(api(client, `plugins/${item.plugin.key}`), { enabled }));
      announce(t(enabled ? "plugin.turned.on" : "plugin.turned.off", words));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
    setAsking(false);
  };
  const problem = trouble(item);
  return (
    <section class="stack wide">
      <div class="row">
        <PluginChip state={item.enabled ? "on" : "off"} />
        {item.enabled && item.configured && mayEdit(client) && <LinkButton href={inClient(client.slug, "accounts")}>{t("plugin.accounts")}</LinkButton>}
        {mayAdmin(client) && !item.plugin.always_on && (item.enabled
          ? <Button kind="danger" onPress={() => setAsking(true)}>{t("plugin.turn.off", words)}</Button>
          : <Button kind="primary" onPress={() => turn(true)}>{t("plugin.turn.on", words)}</Button>)}
      </div>
      {!mayAdmin(client) && !item.plugin.always_on && <p class="muted">{t("plugin.who")}</p>}
      {problem && <Message tone="warn">{problem}</Message>}
      {error && <Message tone="danger"><p>{errorText(error)}</p><RequestDetails id={error.requestId} /></Message>}
      {asking && (
        <Dialog
          title={t("q.plugin.off.title", words)}
          onClose={() => setAsking(false)}
          actions={<Button kind="danger" onPress={() => turn(false)}>{t("plugin.turn.off", words)}</Button>}
        >
          <p>{t("q.plugin.off.text")}</p>
        </Dialog>
      )}
    </section>
  );
}
