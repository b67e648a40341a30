// Settings of a plugin, drawn from its JSON Schema; secrets can be replaced, never read.
import { useState } from "preact/hooks";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { Choice, PasswordField, Select, TextArea, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { t } from "../i18n";
import { longDate } from "../i18n/time";
import { fieldsOf, type JsonSchema, type SettingField } from "./schema";

/** A secret goes out of the API only as the time it was set. */
interface SecretState {
  set_at: string;
}

type SettingValue = string | number | boolean | null | SettingValue[] | SecretState;

interface Props {
  title: string;
  schema: object;
  /** What this level holds itself. */
  stored: Record<string, unknown>;
  /** Fields whose value comes from the agency or the installation. */
  inherited: string[];
  /** What an empty field means then. */
  inheritedHelp?: string;
  intro?: string;
  zone: string;
  /** Send the changed fields; throws what the API answered. */
  save: (changes: Record<string, unknown>) => Promise<void>;
}

const isSecret = (value: unknown): value is SecretState => typeof value === "object" && value !== null && "set_at" in value;

export function SettingsForm({ title, intro, schema, stored, inherited, inheritedHelp, zone, save }: Props) {
  const [edits, setEdits] = useState<Record<string, SettingValue>>({});
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const [working, setWorking] = useState(false);
  const edit = (name: string, value: SettingValue) => {
    setSaved(false);
    setEdits((all) => ({ ...all, [name]: value }));
  };
  const send = async () => {
    if (working) return;
    setWorking(true);
    try {
      await save(edits);
      setEdits({});
      setErrors({});
      setSaved(true);
    } catch (error) {
      setErrors(settingErrors(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card stack wide loose form" onSubmit={() => void send()}>
      <div class="stack">
        <h2>{title}</h2>
        {intro && <p class="muted measure">{intro}</p>}
      </div>
      <div class="stack wide">
        {fieldsOf(schema as JsonSchema).map((field) => (
          <Setting
            key={field.name}
            field={field}
            inherited={inherited.includes(field.name) ? (inheritedHelp ?? t("setting.inherited")) : undefined}
            stored={stored[field.name] as SettingValue | undefined}
            edited={edits[field.name]}
            error={errors[`setting-${field.name}`]}
            zone={zone}
            onEdit={(value) => edit(field.name, value)}
          />
        ))}
      </div>
      <div class="row">
        <Button type="submit" kind="primary" working={working}>{t("save")}</Button>
      </div>
      {saved && <Message tone="success">{t("saved")}</Message>}
    </Form>
  );
}

/** The API names a field `settings.app_id`; its control here is `setting-app_id`. */
function settingErrors(error: unknown): Errors {
  const named = Object.entries(errorsOf(error));
  return Object.fromEntries(named.map(([name, text]) => [name && `setting-${name.replace(/^settings[./]/, "")}`, text]));
}

interface SettingProps {
  field: SettingField;
  inherited: string | undefined;
  stored: SettingValue | undefined;
  edited: SettingValue | undefined;
  error: string | undefined;
  zone: string;
  onEdit: (value: SettingValue) => void;
}

function Setting({ field, inherited, stored, edited, error, zone, onEdit }: SettingProps) {
  const name = `setting-${field.name}`;
  const help = [field.help, inherited ?? (field.required ? undefined : t("optional"))].filter(Boolean).join(" ") || undefined;
  const shared = { name, label: field.label, help, error };
  const value = edited !== undefined ? edited : (stored ?? field.fallback ?? null);
  const text = value === null || typeof value === "object" ? "" : String(value);
  switch (field.kind) {
    case "secret":
      return <SecretSetting shared={shared} stored={stored} edited={edited} zone={zone} onEdit={onEdit} />;
    case "boolean":
      return <Choice name={name} label={field.label} checked={value === true} onChange={onEdit} />;
    case "choice":
      return <Select {...shared} value={text} options={["", ...field.options].map((one) => [one, one || "–"])} onChange={(one) => onEdit(one || null)} />;
    case "lines":
      return <TextArea {...shared} value={Array.isArray(value) ? value.join("\n") : ""} onInput={(all) => onEdit(all.split("\n").filter(Boolean))} />;
    case "number":
      return <TextField {...shared} inputMode="numeric" value={text} onInput={(one) => onEdit(asNumber(one))} />;
    default:
      return <TextField {...shared} value={text} onInput={(one) => onEdit(one || null)} />;
  }
}

/** Not a number: the text itself goes to the server, which says what it expects. */
function asNumber(text: string): SettingValue {
  if (!text.trim()) return null;
  const number = Number(text.replace(",", "."));
  return Number.isNaN(number) ? text : number;
}

interface SecretProps {
  shared: { name: string; label: string; help: string | undefined; error: string | undefined };
  stored: SettingValue | undefined;
  edited: SettingValue | undefined;
  zone: string;
  onEdit: (value: SettingValue) => void;
}

function SecretSetting({ shared, stored, edited, zone, onEdit }: SecretProps) {
  const [replacing, setReplacing] = useState(false);
  if (isSecret(stored) && !replacing) {
    return (
      <div class="field">
        <span class="label">{shared.label}</span>
        <div class="row">
          <span>{t("secret.set", { date: longDate(zone, new Date(stored.set_at)) })}</span>
          <Button onPress={() => setReplacing(true)}>{t("secret.replace")}<span class="hidden-words">{shared.label}</span></Button>
        </div>
      </div>
    );
  }
  return <PasswordField {...shared} show={t("secret.show")} autocomplete="new-password" value={typeof edited === "string" ? edited : ""} onInput={(one) => onEdit(one || null)} />;
}
