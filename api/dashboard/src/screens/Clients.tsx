// All clients of the agency that this person may see.
import { mayManageAgency, me } from "../api/session";
import { get } from "../api/client";
import type { Client, Page as ListPage } from "../api/schema";
import { useResource } from "../api/useResource";
import { Avatar } from "../components/Avatar";
import { LinkButton } from "../components/Button";
import { Empty, Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { Table } from "../components/Table";
import { LANGUAGES, t } from "../i18n";
import { city, longDate, viewerZone } from "../i18n/time";
import { inClient } from "../router";

export default function Clients() {
  const clients = useResource("clients", (signal) => get<ListPage<Client>>("/v1/clients", { query: { limit: "100" }, signal }));
  const create = mayManageAgency.value && <LinkButton href="/clients/new" primary>{t("client.new")}</LinkButton>;
  return (
    <Page title={t("clients.title")} action={clients.data?.items.length ? create : undefined}>
      <Loaded from={clients}>
        {(page) => page.items.length
          ? <><p class="muted measure">{t("clients.intro")}</p><ClientTable clients={page.items} /></>
          : <Empty action={create}>{t("clients.empty", { agency: me.value?.agency.name ?? "" })}</Empty>}
      </Loaded>
    </Page>
  );
}

function ClientTable({ clients }: { clients: Client[] }) {
  return (
    <Table
      caption={t("clients.title")}
      rows={clients}
      rowKey={(client) => client.id}
      columns={[
        { key: "name", title: t("client.name"), bare: true, cell: (c) => <span class="row"><Avatar name={c.name} square /><a class="strong" href={inClient(c.slug, "publications")}>{c.name}</a></span> },
        { key: "zone", title: t("zone"), cell: (c) => city(c.time_zone) },
        { key: "language", title: t("language"), cell: (c) => LANGUAGES[c.locale] },
        { key: "since", title: t("client.since"), cell: (c) => <time dateTime={c.created_at}>{longDate(viewerZone(), new Date(c.created_at))}</time> },
      ]}
    />
  );
}
