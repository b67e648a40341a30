// The frame of pages without a session: mark, heading, languages.
import type { ComponentChildren } from "preact";
import { LANGUAGES, language, rememberLanguage, t } from "../i18n";
import type { Locale } from "../api/schema";
import { reachable } from "../api/reachability";
import { Mark } from "../branding/Mark";
import { productName } from "../branding/worn";
import { Banner } from "../components/Feedback";

export function LonePage({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <main class="lone">
        {!reachable.value && <Banner tone="warn" name={t("unreachable.name")}>{t("unreachable")}</Banner>}
        <p class="row strong"><Mark name={productName.value} /></p>
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </main>
      <footer class="lone-footer"><LanguageSwitch /></footer>
    </>
  );
}

function LanguageSwitch() {
  return (
    <div class="row" role="group" aria-label={t("language")}>
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <button
          key={code}
          type="button"
          class="button quiet"
          lang={code}
          aria-pressed={language.value === code}
          onClick={() => rememberLanguage(code as Locale)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
