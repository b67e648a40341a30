// Main navigation: sidebar, rail or bottom bar by width, always icon and word, only what exists.
import { mayManageAgency } from "../api/session";
import { Icon, type IconName } from "../components/Icon";
import { Menu } from "../components/Menu";
import { t } from "../i18n";
import { currentClient, mayAdmin, mayEdit } from "../lib/context";
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
    ...(mayEdit(client) ? [{ href: at("settings"), label: t("nav.settings"), icon: "settings" as const, first: false }] : []),
    ...(mayAdmin(client) ? [{ href: at("developers"), label: t("keys"), icon: "plugins" as const, first: false }] : []),
    ...(mayAdmin(client) ? [{ href: at("settings/branding"), label: t("branding"), icon: "image" as const, first: false }] : []),
  ];
}

function agencyEntries(first: boolean): Entry[] {
  return [
    { href: "/publications", label: t("nav.publications"), icon: "publications", first },
    { href: "/clients", label: t("nav.clients"), icon: "clients", first },
    ...(mayManageAgency.value ? [{ href: "/plugins", label: t("nav.plugins"), icon: "plugins" as const, first }] : []),
    ...(mayManageAgency.value ? [{ href: "/team", label: t("team"), icon: "person" as const, first: false }] : []),
    { href: "/settings/profile", label: t("nav.profile"), icon: "person", first },
    ...(mayManageAgency.value ? [{ href: "/settings/branding", label: t("branding"), icon: "image" as const, first }] : []),
  ];
}

export function Navigation() {
  const client = currentClient.value;
  const own = client ? clientEntries(client) : [];
  const agency = agencyEntries(!client);
  const more = [
    ...own.filter((entry) => !entry.first).map(({ href, label }) => ({ href, label })),
    ...(client
      ? agency.map(({ href, label }) => ({ href, label: t("nav.of.agency", { label }) }))
      : agency.filter((entry) => !entry.first)),
  ];
  return (
    <nav class="navigation" aria-label={t("nav.main")}>
      <div class="nav-inside">
        {client && <Group id="nav-client" title={client.name} entries={own} />}
        <Group id="nav-agency" title={t("nav.agency")} entries={agency} />
        {more.length > 0 && (
          <div class="nav-more">
            <Menu label={<><Icon name="more" /><span>{t("nav.more")}</span></>} class="nav-link" upward entries={more} />
          </div>
        )}
      </div>
    </nav>
  );
}

function Group({ id, title, entries }: { id: string; title: string; entries: Entry[] }) {
  const here = nearest(entries.map((entry) => entry.href));
  return (
    <div class="nav-group">
      <p class="nav-title meta" id={id}>{title}</p>
      <ul class="plain" aria-labelledby={id}>
        {entries.map((entry) => (
          <li key={entry.href} class={entry.first ? "" : "later"}>
            <a class="nav-link" href={entry.href} aria-current={entry.href === here ? "page" : undefined}>
              <Icon name={entry.icon} />
              <span>{entry.label}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The address that leads furthest towards the page in view. */
const nearest = (addresses: string[]) =>
  addresses
    .filter((href) => place.value.path === href || place.value.path.startsWith(`${href}/`))
    .sort((a, b) => b.length - a.length)[0];
