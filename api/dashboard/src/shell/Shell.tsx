// Header, main navigation, content and status line around every screen.
import type { ComponentChildren } from "preact";
import { reachable } from "../api/reachability";
import { Mark } from "../branding/Mark";
import { clientColour } from "../branding/worn";
import { me, signOut } from "../api/session";
import { Avatar } from "../components/Avatar";
import { Banner } from "../components/Feedback";
import { Unverified } from "../people/Unverified";
import { Icon } from "../components/Icon";
import { Menu } from "../components/Menu";
import { t } from "../i18n";
import { city, clock, viewerZone } from "../i18n/time";
import { currentClient, mayEdit, section } from "../lib/context";
import { Bell } from "../notices/Bell";
import { inClient } from "../router";
import { Navigation } from "./Navigation";

export function Shell({ children }: { children: ComponentChildren }) {
  const client = currentClient.value;
  return (
    <div class="shell" style={client?.colour && !clientColour.value ? { "--brand": client.colour } : {}}>
      <a class="skip" href="#main" onClick={skip}>{t("skip")}</a>
      {client && <div class="strip" />}
      <Header />
      <Navigation />
      <div class="scroll">
        <main id="main" tabIndex={-1}>
          {!reachable.value && <Unreachable />}
          <Unverified />
          {children}
        </main>
        <StatusLine />
      </div>
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Unreachable() {
  return (
    <Banner tone="warn" name={t("unreachable.name")}>
      <p role="status">{navigator.onLine ? t("unreachable") : t("offline")}</p>
    </Banner>
  );
}

function Header() {
  const client = currentClient.value;
  return (
    <header class="header">
      <a class="agency" href="/">
        <Mark name={me.value?.agency.name} />
      </a>
      <ClientSwitcher />
      <span class="grow" />
      {client && mayEdit(client) && (
        <a class="button primary new-content" href={inClient(client.slug, "content/new")}>
          <Icon name="plus" />{t("content.new")}
        </a>
      )}
      <Bell />
      <UserMenu />
    </header>
  );
}

function ClientSwitcher() {
  const client = currentClient.value;
  const clients = me.value?.clients ?? [];
  const label = (
    <>
      {client && <Avatar name={client.name} square />}
      <span class="switcher-name">{client?.name ?? t("clients.all")}</span>
      <Icon name="down" />
    </>
  );
  const entries = clients.map((one) => ({
    label: one.name,
    href: inClient(one.slug, section()),
    current: one.id === client?.id,
  }));
  return (
    <Menu
      label={label}
      name={t("clients.change")}
      class="button quiet switcher"
      entries={[...entries, { label: t("clients.title"), href: "/clients" }]}
    />
  );
}

function UserMenu() {
  const user = me.value;
  if (!user) return null;
  return (
    <Menu
      label={<Avatar name={user.name} />}
      name={t("user.menu", { name: user.name })}
      class="button quiet round"
      entries={[
        { label: t("profile.title"), href: "/settings/profile" },
        { label: t("preferences.title"), href: "/settings/notifications" },
        { label: t("sign.out"), onPress: () => void signOut() },
      ]}
    />
  );
}

/** Which clock the times of this page follow. */
function StatusLine() {
  const client = currentClient.value;
  const now = new Date();
  const mine = viewerZone();
  const zone = client?.time_zone ?? mine;
  const differs = clock(zone, now) !== clock(mine, now);
  return (
    <footer class="status meta" aria-label={t("status")}>
      <span>{t("status.zone", { city: city(zone), time: clock(zone, now) })}</span>
      {differs && <span> · {t("status.you", { time: clock(mine, now) })}</span>}
      <span> · {reachable.value ? t("status.connected") : t("status.trying")}</span>
    </footer>
  );
}
