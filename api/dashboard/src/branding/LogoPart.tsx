// The logo: one picture, drawn anew by the server; removed, the level above shows again.
import { useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { get, remove, upload } from "../api/client";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { FileField } from "../components/FileField";
import { t } from "../i18n";
import { announce } from "../lib/announce";
import { errorText } from "../lib/errorText";
import type { Branding } from "./types";

interface Props {
  path: string;
  data: Branding;
  changed: (branding: Branding) => void;
}

export function LogoPart({ path, data, changed }: Props) {
  const [error, setError] = useState<ApiError | null>(null);
  const attempt = async (task: () => Promise<Branding>) => {
    setError(null);
    try {
      changed(await task());
      announce(t("saved"));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  const give = ([file]: File[]) => {
    if (!file) return;
    const form = new FormData();
    form.append("file", file);
    void attempt(() => upload<Branding>(path, form, () => undefined));
  };
  const take = () =>
    attempt(async () => {
      await remove(path);
      return get<Branding>(path.replace(/\/logo$/, ""));
    });
  const shown = data.effective.logo_url;
  return (
    <section class="card stack wide">
      <h2>{t("branding.logo")}</h2>
      {shown && <p><img class="logo" src={shown} alt={data.effective.name} height="28" /></p>}
      {shown && !data.logo_url && <p class="muted">{t("branding.logo.inherited")}</p>}
      <FileField name="logo" label={t("branding.logo.choose")} help={t("branding.logo.help")} accept="image/png,image/webp,image/jpeg" onFiles={give} />
      {data.logo_url && <div class="row"><Button kind="danger" onPress={take}>{t("branding.logo.remove")}</Button></div>}
      {error && <Message tone="danger">{errorText(error)}</Message>}
    </section>
  );
}
