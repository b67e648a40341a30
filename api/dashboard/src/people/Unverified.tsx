// Says on every page that the address is not confirmed yet, and sends the link again.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import { ApiError } from "../api/errors";
import { me } from "../api/session";
import { Button } from "../components/Button";
import { Banner } from "../components/Feedback";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";

export function Unverified() {
  const [said, setSaid] = useState("");
  const user = me.value;
  if (!user || user.email_verified) return null;
  const send = () =>
    post("/v1/me/verifications")
      .then(() => setSaid(t("verify.sent", { email: user.email })))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        setSaid(errorText(error));
      });
  return (
    <Banner tone="warn" name={t("verify.title")}>
      {t("verify.banner", { email: user.email })} <Button onPress={send}>{t("verify.again")}</Button> <span role="status">{said}</span>
    </Banner>
  );
}
