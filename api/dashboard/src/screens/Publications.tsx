// Publications of a client, or of the whole agency: what needs somebody, what comes, what is out.
import { useState } from "preact/hooks";
import { get } from "../api/client";
import { me } from "../api/session";
import type { MyClient, Page as ListPage, Publication, PublicationState } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button, LinkButton, OutLink } from "../components/Button";
import { Empty, Loaded } from "../components/Feedback";
import { PluginIcon } from "../components/Icon";
import { Page } from "../components/Page";
import { PublicationChip } from "../components/StatusChip";
import { Table, type Column } from "../components/Table";
import { Tabs } from "../components/Tabs";
import { Time } from "../components/Time";
import { t } from "../i18n";
import { api, currentClient, mayEdit } from "../lib/context";
import { excerpt, pollPublications } from "../publications/reading";
import { inClient, place, query } from "../router";

/** States behind each tab. */
const TABS = {
  problems: ["failed", "held", "checking"],
  coming: ["scheduled", "publishing"],
  out: ["published", "removed"],
  all: [],
} satisfies Record<string, PublicationState[]>;
type Tab = keyof typeof TABS;

const PAGE_SIZE = 50;
/** Most rows the API gives at once. */
const LONGEST = 200;

export default function Publications() {
  const client = currentClient.value;
  const asked = query.value.get("tab") ?? "all";
  const tab: Tab = asked in TABS ? (asked as Tab) : "all";
  const [limit, setLimit] = useState(PAGE_SIZE);
  const path = client ? api(client, "publications") : "/v1/publications";
  const list = useResource(
    `${path} ${tab} ${limit}`,
    (signal) => load(path, TABS[tab], limit, signal),
    (page) => pollPublications(page.items),
  );
  const tabs = Object.keys(TABS).map((name) => ({
    href: name === "all" ? place.value.path : `${place.value.path}?tab=${name}`,
    label: t(`tab.${name as Tab}`),
    current: name === tab,
  }));
  return (
    <Page title={t("publications.title")} tabTitle={`${t("publications.title")}, ${t(`tab.${tab}`)}`}>
      <Tabs name={t("publications.title")} tabs={tabs} />
      <Loaded from={list}>
        {(page) => page.items.length
          ? (
            <>
              <PublicationTable client={client} publications={page.items} />
              {page.next_cursor && limit < LONGEST && <div><Button onPress={() => setLimit(limit + PAGE_SIZE)}>{t("show.more", { n: PAGE_SIZE })}</Button></div>}
            </>
          )
          : <NoPublications tab={tab} client={client} />}
      </Loaded>
    </Page>
  );
}

/** The API filters by one state: ask for each, show them as one list, latest first. */
async function load(path: string, states: PublicationState[], limit: number, signal: AbortSignal): Promise<ListPage<Publication>> {
  const ask = (state?: PublicationState) => get<ListPage<Publication>>(path, { query: { state, limit: String(limit) }, signal });
  if (!states.length) return ask();
  const pages = await Promise.all(states.map(ask));
  const items = pages.flatMap((page) => page.items).sort((a, b) => b.due_at.localeCompare(a.due_at));
  return { items, next_cursor: pages.find((page) => page.next_cursor)?.next_cursor ?? null };
}

function NoPublications({ tab, client }: { tab: Tab; client: MyClient | null }) {
  const next = client ? mayEdit(client) && <Begin client={client} /> : <LinkButton href="/clients" primary>{t("clients.open")}</LinkButton>;
  return <Empty action={tab === "problems" ? undefined : next}>{t(`publications.empty.${tab}`)}</Empty>;
}

/** Both ways to a first publication. */
function Begin({ client }: { client: MyClient }) {
  return (
    <div class="row">
      <LinkButton href={inClient(client.slug, "content/new")} primary>{t("content.new")}</LinkButton>
      <LinkButton href={inClient(client.slug, "accounts")}>{t("connect")}</LinkButton>
    </div>
  );
}

/** Slug and zone of the client a publication belongs to. */
function home(publication: Publication): MyClient | undefined {
  return me.value?.clients.find((one) => one.id === publication.client.id);
}

function PublicationTable({ client, publications }: { client: MyClient | null; publications: Publication[] }) {
  const columns: Column<Publication>[] = [
    { key: "state", title: t("state"), bare: true, cell: (p) => <PublicationChip of={p} /> },
    { key: "text", title: t("publication"), bare: true, cell: (p) => <a class="strong" href={inClient(home(p)?.slug ?? "", `publications/${p.id}`)}>{excerpt(p)}</a> },
    ...(client ? [] : [{ key: "client", title: t("client"), cell: (p: Publication) => p.client.name }]),
    { key: "account", title: t("account"), cell: (p) => <span class="row"><PluginIcon path={p.account.icon} />{p.account.name}</span> },
    { key: "when", title: t("when"), cell: (p) => <Time at={p.published_at ?? p.due_at} zone={p.time_zone} relative /> },
    { key: "link", title: t("link"), bare: true, cell: (p) => p.permalink && <OutLink href={p.permalink} to={p.account.platform_name}>{t("see")}</OutLink> },
  ];
  return <Table caption={t("publications.title")} rows={publications} rowKey={(p) => p.id} columns={columns} />;
}
