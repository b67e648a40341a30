// Main navigation: sidebar, rail or bottom bar by width, always icon and word, only what exists.
import { mayManageAgency } from "../api/session";
import { Icon, type IconName } from "../components/Icon";
import { Menu } from "../components/Menu";
import { t } from "../i18n";
import { currentClient, mayEdit } from "../lib/context";
import type { MyClient } from "../api/schema";
import { inClient, place } from "../router";

interface Entry {
  href: string;
  label: string;
  icon: IconName;
  /** Stands in the bottom bar of narrow screens. */
  first: boolean;
}

function clientEntries(client: MyClient): Entry[] {
  const at = (path: string) => inClient(client.slug, path);
  return [
    { href: at("publications"), label: t("nav.publications"), icon: "publications", first: true },
    ...(mayEdit(client) ? [{ href: at("content"), label: t("nav.content"), icon: "content" as const, first: true }] : []),
    { href: at("accounts"), label: t("nav.accounts"), icon: "accounts", first: true },
    { href: at("plugins"), label: t("nav.plugins"), icon: "plugins", first: true },
  ];
}

function agencyEntries(first: boolean): Entry[] {
  return [
    { href: "/publications", label: t("nav.all.publications"), icon: "publications", first },
    { href: "/clients", label: t("nav.clients"), icon: "clients", first },
    ...(mayManageAgency.value ? [{ href: "/plugins", label: t("nav.installed"), icon: "plugins" as const, first }] : []),
    { href: "/settings/profile", label: t("nav.settings"), icon: "settings", first },
  ];
}

export function Navigation() {
  const client = currentClient.value;
  const agency = agencyEntries(!client);
  return (
    <nav class="navigation" aria-label={t("nav.main")}>
      {client && <Group title={client.name} entries={clientEntries(client)} />}
      <Group title={t("nav.agency")} entries={agency} />
      {client && (
        <div class="nav-more">
          <Menu
            label={<><Icon name="more" /><span>{t("nav.more")}</span></>}
            class="nav-link"
            upward
            entries={agency.map(({ href, label }) => ({ href, label }))}
          />
        </div>
      )}
    </nav>
  );
}

function Group({ title, entries }: { title: string; entries: Entry[] }) {
  return (
    <div class="nav-group">
      <p class="nav-title meta">{title}</p>
      <ul class="plain">
        {entries.map((entry) => (
          <li key={entry.href} class={entry.first ? "" : "later"}>
            <a class="nav-link" href={entry.href} aria-current={isCurrent(entry.href) ? "page" : undefined}>
              <Icon name={entry.icon} />
              <span>{entry.label}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

const isCurrent = (href: string) =>
  place.value.path === href || (href !== "/" && place.value.path.startsWith(`${href}/`));
