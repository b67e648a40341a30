// Domains of one's own: added, proven by a file that holds the token, removed after a question.
import { useState } from "preact/hooks";
import { get, post, remove } from "../api/client";
import { ApiError } from "../api/errors";
import type { Page } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button, CopyButton } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Loaded, Message } from "../components/Feedback";
import { TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import type { Domain } from "./types";

export function DomainsPart({ path }: { path: string }) {
  const list = useResource(path, (signal) => get<Page<Domain>>(path, { signal }));
  return (
    <section class="card stack wide">
      <h2>{t("branding.domains")}</h2>
      <p class="measure muted">{t("branding.domains.help")}</p>
      <Loaded from={list}>
        {(data) => (
          <ul class="plain stack wide loose">
            {data.items.map((domain) => (
              <li key={domain.id}><One path={`${path}/${domain.id}`} domain={domain} reload={list.reload} /></li>
            ))}
          </ul>
        )}
      </Loaded>
      <NewDomain path={path} reload={list.reload} />
    </section>
  );
}

function NewDomain({ path, reload }: { path: string; reload: () => void }) {
  const [host, setHost] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const add = async () => {
    try {
      await post<Domain>(path, { host: host.trim() });
      setHost("");
      setErrors({});
      reload();
    } catch (error) {
      setErrors(errorsOf(error));
    }
  };
  return (
    <Form errors={errors} class="stack wide form" onSubmit={() => void add()}>
      <TextField name="host" label={t("branding.domain.new")} inputMode="url" value={host} error={errors.host} onInput={setHost} />
      <div class="row"><Button type="submit">{t("branding.domain.add")}</Button></div>
    </Form>
  );
}

function One({ path, domain, reload }: { path: string; domain: Domain; reload: () => void }) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const attempt = async (task: () => Promise<unknown>) => {
    setError(null);
    try {
      await task();
      reload();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
    setAsking(false);
  };
  const waiting = domain.state === "waiting";
  return (
    <div class="stack wide">
      <p class="row apart">
        <strong>{domain.host}</strong>
        <span>{t(`branding.domain.${domain.state}`)}</span>
      </p>
      {waiting && (
        <>
          <p class="measure">{t("branding.domain.proof")}</p>
          <p><code>{domain.proof_url}</code></p>
          <p class="row"><code>{domain.token}</code> <CopyButton text={domain.token}>{t("branding.domain.copy")}</CopyButton></p>
        </>
      )}
      <div class="row">
        {waiting && <Button onPress={() => attempt(() => post(`${path}/verify`))}>{t("branding.domain.check")}</Button>}
        <Button kind="danger" onPress={() => setAsking(true)}>{t("branding.domain.remove")}</Button>
      </div>
      {error && <Message tone="warn">{errorText(error)}</Message>}
      {asking && (
        <Dialog
          title={t("branding.domain.remove.ask", { host: domain.host })}
          onClose={() => setAsking(false)}
          actions={<Button kind="danger" onPress={() => attempt(() => remove(path))}>{t("branding.domain.remove")}</Button>}
        >
          <p>{t("branding.domain.remove.what")}</p>
        </Dialog>
      )}
    </div>
  );
}
