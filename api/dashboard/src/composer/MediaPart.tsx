// Pictures of a draft: upload with progress, description for people who do not see them, remove.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { patch, upload } from "../api/client";
import type { Media, MyClient } from "../api/schema";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { TextField } from "../components/Field";
import { FileField } from "../components/FileField";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { api } from "../lib/context";
import { errorText } from "../lib/errorText";
import { saveSoon } from "./descriptions";

interface Uploading {
  id: string;
  file: File;
  share: number;
  error: string | null;
}

interface Props {
  client: MyClient;
  media: Media[];
  accept: string;
  error?: string | undefined;
  onChange: (change: (media: Media[]) => Media[]) => void;
}

export function MediaPart({ client, media, accept, error, onChange }: Props) {
  const [running, setRunning] = useState<Uploading[]>([]);
  const update = (id: string, part: Partial<Uploading>) =>
    setRunning((all) => all.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const drop = (id: string) => setRunning((all) => all.filter((one) => one.id !== id));

  const send = async ({ id, file }: Uploading) => {
    update(id, { error: null, share: 0 });
    const form = new FormData();
    form.append("file", file);
    try {
      const made = await upload<Media>(api(client, "media"), form, (share) => update(id, { share }));
      drop(id);
      onChange((all) => [...all, made]);
      announce(t("media.added", { file: file.name }));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      update(id, { error: errorText(problem) });
    }
  };
  const add = (files: File[]) => {
    const added = files.map((file) => ({ id: crypto.randomUUID(), file, share: 0, error: null }));
    setRunning((all) => [...all, ...added]);
    added.forEach((one) => void send(one));
  };
  return (
    <section class="stack wide" id="media" tabIndex={-1}>
      <h2>{t("media")}</h2>
      {error && <Message tone="danger">{error}</Message>}
      <ul class="plain stack wide">
        {media.map((item, i) => <Item key={item.id} client={client} item={item} position={i + 1} onChange={onChange} />)}
        {running.map((one) => <Running key={one.id} of={one} retry={() => void send(one)} drop={() => drop(one.id)} />)}
      </ul>
      <FileField name="files" label={t("media.add")} help={t("media.help")} accept={accept} onFiles={add} />
    </section>
  );
}

function Running({ of, retry, drop }: { of: Uploading; retry: () => void; drop: () => void }) {
  if (of.error) {
    return (
      <li>
        <Message tone="danger">
          <p>{of.file.name}: {of.error}</p>
          <div class="row"><Button onPress={retry}>{t("retry")}</Button><Button kind="quiet" onPress={drop}>{t("media.leave")}</Button></div>
        </Message>
      </li>
    );
  }
  const percent = Math.round(of.share * 100);
  return (
    <li class="stack wide">
      <label class="meta" for={of.id}>{t("media.sending", { file: of.file.name, percent })}</label>
      <progress id={of.id} max={100} value={percent} />
    </li>
  );
}

function Item({ client, item, position, onChange }: { client: MyClient; item: Media; position: number; onChange: Props["onChange"] }) {
  const [problem, setProblem] = useState<string | undefined>();
  const keep = (text: string) => patch<Media>(`${api(client, "media")}/${item.id}`, { alt_text: text }).then(
    () => setProblem(undefined),
    (error: unknown) => setProblem(error instanceof ApiError ? errorText(error) : undefined),
  );
  const describe = (text: string) => {
    onChange((all) => all.map((one) => (one.id === item.id ? { ...one, alt_text: text } : one)));
    saveSoon(item.id, () => keep(text));
  };
  const remove = () => {
    onChange((all) => all.filter((one) => one.id !== item.id));
    announce(t("media.removed", { file: item.filename }));
    document.getElementById("media")?.focus();
  };
  return (
    <li class="media-item">
      <img src={item.url} alt="" width="88" height="88" />
      <div class="stack wide grow">
        <TextField name={`alt-${item.id}`} label={t("media.alt", { n: position })} help={t("media.alt.help")} value={item.alt_text} error={problem} onInput={describe} />
        <div class="row apart">
          <span class="meta">{item.filename}</span>
          <Button kind="quiet" onPress={remove}>{t("media.remove")}<span class="hidden-words">{item.filename}</span></Button>
        </div>
      </div>
    </li>
  );
}
