// Starts the dashboard: language, theme, session, then the screens.
import { render } from "preact";
import { App } from "./app";
import { recoveries } from "./api/reachability";
import { sessionState, startSession } from "./api/session";
import { loadLanguage } from "./i18n";
import { showTheme } from "./lib/theme";
import "./styles/app.css";

showTheme();
await loadLanguage();
const root = document.getElementById("app");
if (root) render(<App />, root);

recoveries.subscribe((count) => {
  if (count > 0 && sessionState.value === "starting") void startSession();
});
/** A one-time link signs in by itself, see SignIn. */
if (!window.location.hash.startsWith("#link=")) await startSession();
else sessionState.value = "anonymous";
