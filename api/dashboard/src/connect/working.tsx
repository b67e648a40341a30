// Whether an account works, and until when.
import type { Account, MyClient } from "../api/schema";
import { Time } from "../components/Time";
import { t } from "../i18n";

export const needsReconnect = (account: Account) => account.state === "needs_reconnect" || account.state === "revoked";

/** Until when it works, or how much waits because it does not. */
export function Until({ client, account }: { client: MyClient; account: Account }) {
  if (account.held > 0) return <span>{t("account.held", { n: account.held })}</span>;
  if (needsReconnect(account) || account.state === "disconnected") return <span>{t("account.stopped")}</span>;
  if (!account.expires_at) return <span>{t("account.no.end")}</span>;
  return <Time at={account.expires_at} zone={client.time_zone} />;
}
