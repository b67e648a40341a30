// What a plugin can do, needs and talks to; everything from its manifest.
import type { Plugin } from "../api/schema";
import { OutLink } from "../components/Button";
import { Message } from "../components/Feedback";
import { has, t } from "../i18n";
import { longDate } from "../i18n/time";

/** Unknown capabilities are shown by their name. */
export function capabilityName(capability: string): string {
  const key = `can.${capability}`;
  return has(key) ? t(key) : capability;
}

export function Sheet({ plugin }: { plugin: Plugin }) {
  return (
    <section class="card stack wide">
      {plugin.state !== "active" && <Message tone="warn">{plugin.reason || t(`plugin.${plugin.state}`)}</Message>}
      <h2>{t("plugin.can")}</h2>
      <ul>{plugin.capabilities.map((one) => <li key={one}>{capabilityName(one)}</li>)}</ul>
      {plugin.scopes.length > 0 && (
        <>
          <h2>{t("plugin.asks")}</h2>
          <ul>
            {plugin.scopes.map((one) => <li key={one.scope}>{one.sentence}{!one.required && ` (${t("optional")})`}</li>)}
          </ul>
        </>
      )}
      <dl class="facts">
        <dt>{t("plugin.version")}</dt><dd>{plugin.version}</dd>
        {plugin.vendor && <><dt>{t("plugin.vendor")}</dt><dd>{plugin.vendor}</dd></>}
        {plugin.allowed_hosts.length > 0 && <><dt>{t("plugin.hosts")}</dt><dd>{plugin.allowed_hosts.map((host) => <code key={host} class="block">{host}</code>)}</dd></>}
        {plugin.platform_api_version && <><dt>{t("plugin.api")}</dt><dd>{plugin.platform_api_version}</dd></>}
        {plugin.platform_api_end && <><dt>{t("plugin.api.end")}</dt><dd>{longDate("UTC", new Date(plugin.platform_api_end))}</dd></>}
        {plugin.support_url && <><dt>{t("plugin.support")}</dt><dd><OutLink href={plugin.support_url} to={plugin.vendor || plugin.name}>{t("plugin.support.open")}</OutLink></dd></>}
      </dl>
    </section>
  );
}
