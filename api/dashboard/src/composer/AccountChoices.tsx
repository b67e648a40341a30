// Which accounts a piece goes to; one that needs reconnecting stays choosable and says it will wait.
import type { Account, MyClient } from "../api/schema";
import { Avatar } from "../components/Avatar";
import { LinkButton } from "../components/Button";
import { Empty } from "../components/Feedback";
import { Choice, Choices } from "../components/Field";
import { PluginIcon } from "../components/Icon";
import { AccountChip } from "../components/StatusChip";
import { t } from "../i18n";
import { inClient } from "../router";

interface Props {
  client: MyClient;
  accounts: Account[];
  chosen: string[];
  error?: string | undefined;
  onChange: (ids: string[]) => void;
}

export function AccountChoices({ client, accounts, chosen, error, onChange }: Props) {
  if (!accounts.length) {
    return <Empty action={<LinkButton href={inClient(client.slug, "accounts")}>{t("connect.one")}</LinkButton>}>{t("composer.no.account")}</Empty>;
  }
  const toggle = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <Choices id="account_ids" legend={t("composer.accounts", { client: client.name })} error={error}>
      {accounts.map((account) => (
        <Choice
          key={account.id}
          name="accounts"
          value={account.id}
          checked={chosen.includes(account.id)}
          onChange={(on) => toggle(account.id, on)}
          label={<AccountLabel account={account} />}
        />
      ))}
    </Choices>
  );
}

function AccountLabel({ account }: { account: Account }) {
  return (
    <span class="row">
      <Avatar name={account.name} picture={account.picture_url} />
      <span class="strong">{account.name}</span>
      <span class="row meta"><PluginIcon path={account.icon} />{account.platform_name}</span>
      {account.state !== "active" && <AccountChip state={account.state} />}
      {account.state !== "active" && account.state !== "expiring" && <span class="meta">{t("composer.will.wait")}</span>}
    </span>
  );
}
