// Colour and sender name, with the same colours before saving that the server derives after it.
import { useState } from "preact/hooks";
import { put } from "../api/client";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { FieldFrame, TextField, describedBy } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { t } from "../i18n";
import { BrandPreview } from "./BrandPreview";
import { derive } from "./colours";
import type { Branding } from "./types";

interface Props {
  path: string;
  data: Branding;
  ofClient: boolean;
  changed: (branding: Branding) => void;
}

export function LookForm({ path, data, ofClient, changed }: Props) {
  const [colour, setColour] = useState(data.colour ?? "");
  const [sender, setSender] = useState(data.sender_name ?? "");
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const roles = derive(colour.trim()) ?? (colour.trim() ? null : inherited(data));
  const save = async () => {
    setSaved(false);
    try {
      changed(await put<Branding>(path, { colour: colour.trim() || null, sender_name: sender.trim() || null }));
      setErrors({});
      setSaved(true);
    } catch (error) {
      setErrors(errorsOf(error));
    }
  };
  return (
    <Form errors={errors} class="card stack wide" onSubmit={() => void save()}>
      <h2>{t("branding.look")}</h2>
      <div class="form stack wide">
        <ColourField value={colour} onInput={setColour} error={errors.colour} help={t(ofClient ? "branding.colour.help.client" : "branding.colour.help")} />
        <TextField name="sender_name" label={t("branding.sender")} help={t("branding.sender.help", { name: data.effective.sender_name })} value={sender} error={errors.sender_name} onInput={setSender} />
      </div>
      {roles && <BrandPreview roles={roles} />}
      <div class="row"><Button type="submit" kind="primary">{t("save")}</Button></div>
      {saved && <Message tone="success">{t("saved")}</Message>}
    </Form>
  );
}

/** What an empty field shows: the level above, as far as it is known here. */
const inherited = (data: Branding) => (data.effective.colour_from === "client" || data.colour ? null : data.effective.roles);

function ColourField({ value, onInput, error, help }: { value: string; onInput: (value: string) => void; error: string | undefined; help: string }) {
  return (
    <FieldFrame name="colour" label={t("branding.colour")} help={help} error={error}>
      <div class="row">
        <input
          id="colour"
          name="colour"
          class="hex"
          value={value}
          autocomplete="off"
          spellcheck={false}
          placeholder="#0B6576"
          aria-invalid={error ? "true" : undefined}
          aria-describedby={describedBy("colour", help, error)}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <input
          type="color"
          aria-label={t("branding.colour.pick")}
          value={(derive(value.trim())?.brand ?? "#0B6576").toLowerCase()}
          onInput={(event) => onInput(event.currentTarget.value.toUpperCase())}
        />
      </div>
    </FieldFrame>
  );
}
