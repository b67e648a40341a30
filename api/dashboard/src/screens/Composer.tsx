// Opens what the composer needs: the client's accounts and, for a known piece, its content.
import { get } from "../api/client";
import type { Account, MyClient, Page as ListPage, Piece } from "../api/schema";
import { useResource } from "../api/useResource";
import { Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { ComposerForm } from "../composer/ComposerForm";
import { t } from "../i18n";
import { api, currentClient } from "../lib/context";
import type { ScreenProps } from "../lib/lazy";

export default function Composer({ params }: ScreenProps) {
  const client = currentClient.value;
  return client && <Open client={client} pieceId={params.id ?? null} />;
}

async function load(client: MyClient, pieceId: string | null, signal: AbortSignal) {
  const accounts = get<ListPage<Account>>(api(client, "accounts"), { query: { limit: "100" }, signal });
  const piece = pieceId ? get<Piece>(api(client, `pieces/${pieceId}`), { signal }) : Promise.resolve(null);
  return { accounts: (await accounts).items.filter((one) => one.state !== "disconnected" && one.kinds.length > 0), piece: await piece };
}

function Open({ client, pieceId }: { client: MyClient; pieceId: string | null }) {
  const needed = useResource(`compose ${client.id} ${pieceId}`, (signal) => load(client, pieceId, signal));
  return (
    <Page title={t(pieceId ? "content.edit" : "content.for", { client: client.name })}>
      <Loaded from={needed}>
        {({ accounts, piece }) => <ComposerForm client={client} accounts={accounts} piece={piece} />}
      </Loaded>
    </Page>
  );
}
