// One account: whether it works, until when, what it may do, what went wrong and who acts.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { get, post, remove } from "../api/client";
import type { Account, MyClient } from "../api/schema";
import { useResource } from "../api/useResource";
import { Avatar } from "../components/Avatar";
import { Button, OutLink } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Loaded, Message, RequestDetails } from "../components/Feedback";
import { Page } from "../components/Page";
import { AccountChip } from "../components/StatusChip";
import { Time } from "../components/Time";
import { ConnectPanel } from "../connect/ConnectPanel";
import { useConnect } from "../connect/useConnect";
import { Until, needsReconnect } from "../connect/working";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { api, currentClient, mayEdit } from "../lib/context";
import { errorText } from "../lib/errorText";
import type { ScreenProps } from "../lib/lazy";
import { inClient, navigate } from "../router";

export default function AccountDetail({ params }: ScreenProps) {
  const client = currentClient.value;
  return client && <Detail client={client} id={params.id ?? ""} />;
}

function Detail({ client, id }: { client: MyClient; id: string }) {
  const path = api(client, `accounts/${id}`);
  const account = useResource(path, (signal) => get<Account>(path, { signal }), () => 30_000);
  const connecting = useConnect(client, account.reload);
  const reconnect = (adapter: string) => void connecting.start(adapter, id);
  return (
    <Page title={account.data?.name ?? t("account")}>
      <p><a href={inClient(client.slug, "accounts")}>{t("accounts.back")}</a></p>
      <ConnectPanel connecting={connecting} again={reconnect} />
      <Loaded from={account}>
        {(data) => (
          <div class="stack wide loose">
            <Facts client={client} account={data} />
            {mayEdit(client) && (
              <Actions client={client} account={data} changed={account.replace} reconnect={() => reconnect(data.adapter)} />
            )}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ client, account }: { client: MyClient; account: Account }) {
  const zone = client.time_zone;
  return (
    <section class="card stack wide">
      <div class="row">
        <Avatar name={account.name} picture={account.picture_url} />
        <span class="strong">{account.name}</span>
        {account.username && <span class="muted">@{account.username}</span>}
        <AccountChip state={account.state} problem={Boolean(account.last_error)} />
      </div>
      {account.last_error && <Message tone="danger">{account.last_error.message}</Message>}
      {needsReconnect(account) && <Message tone="warn">{t("account.reconnect.why", { account: account.name, n: account.held })}</Message>}
      <dl class="facts">
        <dt>{t("account.through")}</dt><dd>{account.platform_name}</dd>
        <dt>{t("account.until")}</dt><dd><Until client={client} account={account} /></dd>
        {account.followers !== null && <><dt>{t("account.followers")}</dt><dd class="figures">{t("number", { value: account.followers })}</dd></>}
        {account.connected_at && <><dt>{t("account.connected")}</dt><dd><Time at={account.connected_at} zone={zone} /></dd></>}
        {account.last_used_at && <><dt>{t("account.used")}</dt><dd><Time at={account.last_used_at} zone={zone} /></dd></>}
        {account.url && <><dt>{t("account.address")}</dt><dd><OutLink href={account.url} to={account.platform_name}>{account.url}</OutLink></dd></>}
      </dl>
      <details>
        <summary>{t("account.permissions", { n: account.scopes.length })}</summary>
        <ul>{account.scopes.map((scope) => <li key={scope}><code>{scope}</code></li>)}</ul>
      </details>
    </section>
  );
}

interface ActionProps {
  client: MyClient;
  account: Account;
  changed: (account: Account) => void;
  reconnect: () => void;
}

function Actions({ client, account, changed, reconnect }: ActionProps) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const path = api(client, `accounts/${account.id}`);
  const guard = async (task: () => Promise<void>) => {
    setError(null);
    await task().catch((problem: unknown) => {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    });
  };
  const check = () => guard(async () => {
    changed(await post<Account>(`${path}/check`));
    announce(t("account.checked"));
  });
  const disconnect = () => guard(async () => {
    await remove(path);
    setAsking(false);
    announce(t("account.disconnected.said", { account: account.name }));
    navigate(inClient(client.slug, "accounts"));
  });
  return (
    <div class="stack wide">
      {error && <Message tone="danger"><p>{errorText(error)}</p><RequestDetails id={error.requestId} /></Message>}
      <div class="row">
        {needsReconnect(account) && <Button kind="primary" onPress={reconnect}>{t("reconnect", { account: account.name })}</Button>}
        <Button onPress={check}>{t("account.check")}</Button>
        {account.state !== "disconnected" && <Button kind="danger" onPress={() => setAsking(true)}>{t("disconnect", { account: account.name })}</Button>}
      </div>
      {asking && (
        <Dialog
          title={t("q.disconnect.title", { account: account.name })}
          onClose={() => setAsking(false)}
          actions={<Button kind="danger" onPress={disconnect}>{t("disconnect", { account: account.name })}</Button>}
        >
          <p>{t("q.disconnect.text", { n: account.held })}</p>
        </Dialog>
      )}
    </div>
  );
}
