// Which screen stands at which address, and what a person sees before the session is known.
import { useEffect } from "preact/hooks";
import { get } from "./api/client";
import type { Page, Publication } from "./api/schema";
import { me, sessionState } from "./api/session";
import { useResource } from "./api/useResource";
import { reachable } from "./api/reachability";
import { Message, Skeleton } from "./components/Feedback";
import { t } from "./i18n";
import { clientSlug, currentClient } from "./lib/context";
import { lazy } from "./lib/lazy";
import { inClient, match, navigate, place } from "./router";
import { LiveRegions } from "./shell/LiveRegions";
import { SessionEnded } from "./shell/SessionEnded";
import { Shell } from "./shell/Shell";
import { NotFound } from "./screens/NotFound";

const MailCatcher = lazy(() => import("./screens/MailCatcher"));

const ROUTES: [pattern: string, screen: ReturnType<typeof lazy>][] = [
  ["/publications", lazy(() => import("./screens/Publications"))],
  ["/clients", lazy(() => import("./screens/Clients"))],
  ["/clients/new", lazy(() => import("./screens/NewClient"))],
  ["/plugins", lazy(() => import("./screens/Plugins"))],
  ["/plugins/:key", lazy(() => import("./screens/InstalledPlugin"))],
  ["/notifications", lazy(() => import("./notices/Screen"))],
  ["/settings/notifications", lazy(() => import("./notices/Preferences"))],
  ["/mail-catcher", MailCatcher],
  ["/settings/sessions", lazy(() => import("./people/Sessions"))],
  ["/team", lazy(() => import("./people/Team"))],
  ["/c/:client/developers", lazy(() => import("./people/Keys"))],
  ["/settings/profile", lazy(() => import("./screens/Profile"))],
  ["/settings/branding", lazy(() => import("./branding/Screen"))],
  ["/c/:client/settings/branding", lazy(() => import("./branding/Screen"))],
  ["/c/:client/publications", lazy(() => import("./screens/Publications"))],
  ["/c/:client/publications/:id", lazy(() => import("./screens/PublicationRecord"))],
  ["/c/:client/content", lazy(() => import("./screens/Content"))],
  ["/c/:client/content/new", lazy(() => import("./screens/Composer"))],
  ["/c/:client/content/:id", lazy(() => import("./screens/Composer"))],
  ["/c/:client/accounts", lazy(() => import("./screens/Accounts"))],
  ["/c/:client/accounts/:id", lazy(() => import("./screens/AccountDetail"))],
  ["/c/:client/settings", lazy(() => import("./screens/ClientSettings"))],
  ["/c/:client/plugins", lazy(() => import("./screens/ClientPlugins"))],
  ["/c/:client/plugins/:key", lazy(() => import("./screens/PluginSheet"))],
];

/** Where links of mails lead: the same with and without a session. */
const LINKS: Record<string, ReturnType<typeof lazy>> = {
  "/reset": lazy(() => import("./people/Reset")),
  "/verify": lazy(() => import("./people/Verify")),
  "/invitation": lazy(() => import("./people/Invitation")),
};

const SignIn = lazy(() => import("./screens/SignIn"));
const Register = lazy(() => import("./screens/Register"));

export function App() {
  return (
    <>
      <Content />
      <LiveRegions />
    </>
  );
}

function Content() {
  const path = place.value.path;
  if (sessionState.value === "starting") return <Starting />;
  const Linked = LINKS[path];
  if (Linked) return <Linked params={{}} />;
  if (sessionState.value === "anonymous" && path === "/mail-catcher") return <MailCatcher params={{}} />;
  if (sessionState.value === "anonymous") return path === "/register" ? <Register params={{}} /> : <SignIn params={{}} />;
  return (
    <>
      <Shell><Screen path={path} /></Shell>
      {sessionState.value === "expired" && <SessionEnded />}
    </>
  );
}

function Starting() {
  return (
    <main class="lone">
      <p class="strong">Palabre</p>
      {reachable.value ? <Skeleton /> : <Message tone="warn">{t("unreachable")}</Message>}
    </main>
  );
}

function Screen({ path }: { path: string }) {
  if (clientSlug.value && !currentClient.value) return <NotFound />;
  for (const [pattern, Found] of ROUTES) {
    const params = match(pattern, path);
    if (params) return <Found key={Object.values(params).join("/")} params={params} />;
  }
  return <Landing path={path} />;
}

/** Addresses that only lead on: the start page, a bare client, sign-in with a session. */
function Landing({ path }: { path: string }) {
  const client = match("/c/:client", path);
  if (client?.client) return <Forward to={inClient(client.client, "publications")} />;
  if (!["/", "/sign-in", "/register"].includes(path)) return <NotFound />;
  const next = new URLSearchParams(place.value.search).get("next");
  if (next?.startsWith("/") && !next.startsWith("//")) return <Forward to={next} />;
  return me.value?.clients.length ? <Home /> : <Forward to="/clients" />;
}

function Forward({ to }: { to: string }) {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}

/** Publications are the first page, once there are any; until then where one begins. */
function Home() {
  const newest = useResource("home", (signal) => get<Page<Publication>>("/v1/publications", { query: { limit: "1" }, signal }));
  if (!newest.data && !newest.error) return <Skeleton />;
  const published = !newest.data || newest.data.items.length > 0;
  const only = me.value?.clients.length === 1 ? me.value.clients[0] : undefined;
  if (only) return <Forward to={inClient(only.slug, published ? "publications" : "accounts")} />;
  return <Forward to={published ? "/publications" : "/clients"} />;
}
