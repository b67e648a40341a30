// Form fields on native controls: label above, help and error between label and field.
import type { ComponentChildren, ComponentProps } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";

interface FrameProps {
  name: string;
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  children: ComponentChildren;
}

/** Ids of what describes the field `name`, for `aria-describedby`. */
export const describedBy = (name: string, help?: string, error?: string) =>
  [error && `${name}-error`, help && `${name}-help`].filter(Boolean).join(" ") || undefined;

export function FieldFrame({ name, label, help, error, children }: FrameProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {help && <span class="help" id={`${name}-help`}>{help}</span>}
      {error && <span class="error" id={`${name}-error`}>{error}</span>}
      {children}
    </div>
  );
}

export interface TextProps {
  name: string;
  label: string;
  value: string;
  onInput: (value: string) => void;
  help?: string | undefined;
  error?: string | undefined;
  type?: "text" | "email" | "password" | "url" | "number" | undefined;
  autocomplete?: string | undefined;
  inputMode?: "text" | "numeric" | "url" | "email" | undefined;
  list?: string | undefined;
}

export function TextField(props: TextProps) {
  // Preact types each input type apart; here the type is data.
  const attributes = {
    id: props.name,
    name: props.name,
    type: props.type ?? "text",
    value: props.value,
    autocomplete: props.autocomplete ?? "off",
    inputMode: props.inputMode,
    list: props.list,
    "aria-invalid": props.error ? "true" : undefined,
    "aria-describedby": describedBy(props.name, props.help, props.error),
  } as ComponentProps<"input">;
  return (
    <FieldFrame {...props}>
      <input {...attributes} onInput={(event) => props.onInput(event.currentTarget.value)} />
    </FieldFrame>
  );
}

/** A colour as `#rrggbb`, picked with the system's own chooser. */
export function ColourField(props: Pick<TextProps, "name" | "label" | "value" | "onInput" | "help" | "error">) {
  return (
    <FieldFrame {...props}>
      <span class="row">
        <input
          type="color"
          id={props.name}
          name={props.name}
          value={props.value.toLowerCase()}
          aria-invalid={props.error ? "true" : undefined}
          aria-describedby={describedBy(props.name, props.help, props.error)}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <code>{props.value.toUpperCase()}</code>
      </span>
    </FieldFrame>
  );
}

/** A password with "Show"; paste and password managers work. */
export function PasswordField({ show, ...props }: Omit<TextProps, "type"> & { show?: string }) {
  const [shown, setShown] = useState(false);
  return (
    <div class="stack wide">
      <TextField {...props} type={shown ? "text" : "password"} />
      <label class="choice">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
        {show ?? t("password.show")}
      </label>
    </div>
  );
}

export function TextArea(props: Omit<TextProps, "type" | "list"> & { after?: ComponentChildren }) {
  return (
    <FieldFrame {...props}>
      <textarea
        id={props.name}
        name={props.name}
        value={props.value}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={describedBy(props.name, props.help, props.error)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {props.after}
    </FieldFrame>
  );
}

export interface SelectProps {
  name: string;
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
  help?: string | undefined;
  error?: string | undefined;
}

export function Select(props: SelectProps) {
  return (
    <FieldFrame {...props}>
      <select
        id={props.name}
        name={props.name}
        value={props.value}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={describedBy(props.name, props.help, props.error)}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(([value, label]) => (
          <option key={value} value={value} selected={value === props.value}>{label}</option>
        ))}
      </select>
    </FieldFrame>
  );
}

interface ChoiceProps {
  name: string;
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
  radio?: boolean;
  value?: string;
}

/** A checkbox or radio whose whole row is the label. */
export function Choice({ name, label, checked, onChange, radio, value }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type={radio ? "radio" : "checkbox"}
        name={name}
        value={value}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="grow">{label}</span>
    </label>
  );
}

export function Choices({ legend, id, error, children }: { legend: string; id: string; error?: string | undefined; children: ComponentChildren }) {
  return (
    <fieldset class="field" id={id} tabIndex={-1} aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{legend}</legend>
      {error && <span class="error" id={`${id}-error`}>{error}</span>}
      {children}
    </fieldset>
  );
}

/** Characters used of those allowed; spoken a second after typing stops. */
export function Counter({ used, max, label }: { used: number; max: number; label: string }) {
  const sentence = used > max
    ? t("counter.over", { n: used - max, used, max, label })
    : t("counter", { used, max, label });
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setSpoken(used >= max * 0.9 ? sentence : ""), 1000);
    return () => window.clearTimeout(timer);
  }, [sentence]);
  return (
    <span class={`counter meta ${used > max ? "over" : ""}`}>
      <span class="figures-wrap">{sentence}</span>
      <span class="hidden-words" role="status">{spoken}</span>
    </span>
  );
}
