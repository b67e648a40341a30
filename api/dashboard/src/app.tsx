// Which screen stands at which address, and what a person sees before the session is known.
import { useEffect } from "preact/hooks";
import { me, sessionState } from "./api/session";
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

const ROUTES: [pattern: string, screen: ReturnType<typeof lazy>][] = [
  ["/publications", lazy(() => import("./screens/Publications"))],
  ["/clients", lazy(() => import("./screens/Clients"))],
  ["/clients/new", lazy(() => import("./screens/NewClient"))],
  ["/plugins", lazy(() => import("./screens/Plugins"))],
  ["/settings/profile", lazy(() => import("./screens/Profile"))],
  ["/c/:client/publications", lazy(() => import("./screens/Publications"))],
  ["/c/:client/publications/:id", lazy(() => import("./screens/PublicationRecord"))],
  ["/c/:client/content", lazy(() => import("./screens/Content"))],
  ["/c/:client/content/new", lazy(() => import("./screens/Composer"))],
  ["/c/:client/content/:id", lazy(() => import("./screens/Composer"))],
  ["/c/:client/accounts", lazy(() => import("./screens/Accounts"))],
  ["/c/:client/accounts/:id", lazy(() => import("./screens/AccountDetail"))],
  ["/c/:client/plugins", lazy(() => import("./screens/ClientPlugins"))],
  ["/c/:client/plugins/:key", lazy(() => import("./screens/PluginSheet"))],
];

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
  const target = landing(path);
  useEffect(() => {
    if (target) navigate(target, { replace: true });
  }, [target]);
  return target ? null : <NotFound />;
}

function landing(path: string): string | null {
  const client = match("/c/:client", path);
  if (client?.client) return inClient(client.client, "publications");
  if (!["/", "/sign-in", "/register"].includes(path)) return null;
  const next = new URLSearchParams(place.value.search).get("next");
  if (next?.startsWith("/") && !next.startsWith("//")) return next;
  const clients = me.value?.clients ?? [];
  if (clients.length === 0) return "/clients";
  return clients.length === 1 && clients[0] ? inClient(clients[0].slug, "publications") : "/publications";
}
