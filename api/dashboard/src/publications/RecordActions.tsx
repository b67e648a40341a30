// What a person may do with a publication: exactly the actions the API allows now.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { post } from "../api/client";
import type { MyClient, Publication } from "../api/schema";
import { Button, OutLink } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Message, RequestDetails } from "../components/Feedback";
import { TextField } from "../components/Field";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { api } from "../lib/context";
import { errorText } from "../lib/errorText";

type Question = "cancel" | "online" | "not_online";

interface Props {
  client: MyClient;
  publication: Publication;
  changed: (publication: Publication) => void;
  reload: () => void;
}

export function RecordActions({ client, publication, changed, reload }: Props) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [address, setAddress] = useState("");
  const account = publication.account;
  const allowed = (action: Publication["allowed_actions"][number]) => publication.allowed_actions.includes(action);

  const act = async (verb: string, body: unknown, said: string) => {
    setError(null);
    try {
      changed(await post<Publication>(`${api(client, "publications")}/${publication.id}/${verb}`, body));
      announce(said);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
      reload();
    }
    setQuestion(null);
  };
  const close = () => setQuestion(null);
  return (
    <div class="stack wide">
      {error && <Message tone="danger"><p>{errorText(error)}</p><RequestDetails id={error.requestId} /></Message>}
      <div class="row">
        {allowed("resolve") && <Button kind="primary" onPress={() => setQuestion("online")}>{t("is.online")}</Button>}
        {allowed("resolve") && <Button onPress={() => setQuestion("not_online")}>{t("not.online")}</Button>}
        {allowed("retry") && <Button kind="primary" onPress={() => act("retry", {}, t("record.retried"))}>{t("retry")}</Button>}
        {allowed("cancel") && <Button kind="danger" onPress={() => setQuestion("cancel")}>{t("publication.cancel")}</Button>}
      </div>
      {question === "cancel" && (
        <Dialog
          title={t("q.cancel.title")}
          onClose={close}
          actions={<Button kind="danger" onPress={() => act("cancel", {}, t("record.cancelled.said"))}>{t("publication.cancel")}</Button>}
        >
          <p>{t("q.cancel.text", { account: account.name })}</p>
        </Dialog>
      )}
      {question === "online" && (
        <Dialog
          title={t("q.online.title", { account: account.name })}
          onClose={close}
          actions={<Button kind="primary" onPress={() => act("resolve", { online: true, ...(address && { url: address }) }, t("record.resolved"))}>{t("is.online")}</Button>}
        >
          <TextField name="url" type="url" inputMode="url" label={t("q.online.address", { platform: account.platform_name })} help={t("q.online.help")} value={address} onInput={setAddress} />
        </Dialog>
      )}
      {question === "not_online" && (
        <Dialog
          title={t("q.not.online.title", { account: account.name })}
          onClose={close}
          actions={<Button kind="danger" onPress={() => act("resolve", { online: false }, t("record.resolved"))}>{t("not.online")}</Button>}
        >
          <p>{t("q.not.online.text", { account: account.name })}</p>
          {publication.permalink && <p><OutLink href={publication.permalink} to={account.platform_name}>{t("see")}</OutLink></p>}
        </Dialog>
      )}
    </div>
  );
}
