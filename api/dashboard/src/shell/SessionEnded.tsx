// The session ended while working: sign in over the page, nothing typed is lost.
import { useEffect } from "preact/hooks";
import { me } from "../api/session";
import { Dialog } from "../components/Dialog";
import { t } from "../i18n";
import { alarm } from "../lib/announce";
import { SignInForm } from "../screens/SignInForm";

export function SessionEnded() {
  useEffect(() => {
    alarm(t("session.ended"));
    return () => alarm("");
  }, []);
  return (
    <Dialog title={t("session.ended")} escapable={false} onClose={() => undefined} actions={null}>
      <p>{t("session.ended.kept")}</p>
      <SignInForm email={me.value?.email ?? ""} />
    </Dialog>
  );
}
