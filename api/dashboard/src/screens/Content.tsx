// Pieces of content of a client: drafts to go on with, and what became of the others.
import { get } from "../api/client";
import type { MyClient, Page as ListPage, Piece } from "../api/schema";
import { useResource } from "../api/useResource";
import { LinkButton } from "../components/Button";
import { Empty, Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { ContentChip } from "../components/StatusChip";
import { Table } from "../components/Table";
import { Time } from "../components/Time";
import { t } from "../i18n";
import { api, currentClient, mayEdit } from "../lib/context";
import { excerptOf } from "../lib/excerpt";
import { inClient } from "../router";

export default function Content() {
  const client = currentClient.value;
  return client && <Pieces client={client} />;
}

function Pieces({ client }: { client: MyClient }) {
  const path = api(client, "pieces");
  const pieces = useResource(path, (signal) => get<ListPage<Piece>>(path, { query: { limit: "100" }, signal }));
  const write = mayEdit(client) && <LinkButton href={inClient(client.slug, "content/new")} primary>{t("content.new")}</LinkButton>;
  return (
    <Page title={t("nav.content")} action={pieces.data?.items.length ? <span class="narrow-only">{write}</span> : undefined}>
      <Loaded from={pieces}>
        {(page) => page.items.length ? <PieceTable client={client} pieces={page.items} /> : <Empty action={write}>{t("content.empty")}</Empty>}
      </Loaded>
    </Page>
  );
}

function PieceTable({ client, pieces }: { client: MyClient; pieces: Piece[] }) {
  const name = (piece: Piece) => excerptOf(piece.text || piece.link || t("publication.untitled"), 90);
  return (
    <Table
      caption={t("nav.content")}
      rows={pieces}
      rowKey={(piece) => piece.id}
      columns={[
        { key: "state", title: t("state"), bare: true, cell: (p) => <ContentChip state={p.state} /> },
        { key: "text", title: t("content.text"), bare: true, cell: (p) => <a class="strong" href={inClient(client.slug, `content/${p.id}`)}>{name(p)}</a> },
        { key: "media", title: t("media"), number: true, cell: (p) => <span class="figures">{p.media.length}</span> },
        { key: "updated", title: t("content.updated"), cell: (p) => <Time at={p.updated_at} zone={client.time_zone} /> },
      ]}
    />
  );
}
