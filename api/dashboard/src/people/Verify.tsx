// The link that confirms an address: used once the person presses, as mail scanners open links too.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import { refresh, sessionState } from "../api/session";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { Form, errorsOf, type Errors } from "../components/Form";
import { useTitle } from "../components/Page";
import { t } from "../i18n";
import { LonePage } from "../shell/LonePage";
import { takeSecret } from "./secret";

export default function Verify() {
  const [secret] = useState(takeSecret);
  const [errors, setErrors] = useState<Errors>({});
  const [done, setDone] = useState(false);
  const [working, setWorking] = useState(false);
  useTitle(t("verify.title"));
  const submit = async () => {
    if (working) return;
    setWorking(true);
    try {
      await post("/v1/auth/verifications", { secret: secret ?? "" });
      if (sessionState.value === "open") await refresh();
      setDone(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <LonePage title={t("verify.title")}>
      {done
        ? <Message tone="success">{t("verify.done")}</Message>
        : (
          <Form errors={errors} onSubmit={() => void submit()}>
            <Button type="submit" kind="primary" working={working} full>{t("verify.do")}</Button>
          </Form>
        )}
      <p><a href="/">{t("verify.on")}</a></p>
    </LonePage>
  );
}
