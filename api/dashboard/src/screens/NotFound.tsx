// An address that leads nowhere, or somewhere this person may not go.
import { LinkButton } from "../components/Button";
import { Page } from "../components/Page";
import { t } from "../i18n";

export function NotFound() {
  return (
    <Page title={t("notfound.title")}>
      <div class="stack">
        <p>{t("e.404")}</p>
        <LinkButton href="/">{t("notfound.start")}</LinkButton>
      </div>
    </Page>
  );
}
