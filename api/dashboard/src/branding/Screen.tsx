// Branding of the agency, or of the client in view: look, logo, domains; saved one section at a time.
import { get } from "../api/client";
import { mayManageAgency, me } from "../api/session";
import { useResource } from "../api/useResource";
import { Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { t } from "../i18n";
import { api, currentClient, mayAdmin } from "../lib/context";
import { NotFound } from "../screens/NotFound";
import { DomainsPart } from "./DomainsPart";
import { LogoPart } from "./LogoPart";
import { LookForm } from "./LookForm";
import type { Branding } from "./types";
import { wear } from "./worn";

export default function BrandingScreen() {
  const client = currentClient.value;
  if (client ? !mayAdmin(client) : !mayManageAgency.value) return <NotFound />;
  const base = client ? api(client, "") : "/v1/";
  const name = client?.name ?? me.value?.agency.name ?? "";
  return <One key={base} base={base} name={name} ofClient={Boolean(client)} />;
}

function One({ base, name, ofClient }: { base: string; name: string; ofClient: boolean }) {
  const path = `${base}branding`;
  const item = useResource(path, (signal) => get<Branding>(path, { signal }));
  const changed = (branding: Branding) => {
    item.replace(branding);
    wear(branding.effective);
  };
  return (
    <Page title={t("branding.of", { name })} tabTitle={t("branding")}>
      <Loaded from={item}>
        {(data) => (
          <div class="stack wide loose">
            <LookForm path={path} data={data} ofClient={ofClient} changed={changed} />
            <LogoPart path={`${path}/logo`} data={data} changed={changed} />
            <DomainsPart path={`${base}domains`} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
