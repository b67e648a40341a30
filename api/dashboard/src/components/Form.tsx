// A form: sends once, shows what was refused at the top and beside each field, Ctrl+Enter sends.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api/errors";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import { RequestDetails } from "./Feedback";

/** Errors by the name of their field; the name "" is for the whole form. */
export type Errors = Record<string, string>;

/** Turn what the API refused into one sentence per field. */
export function errorsOf(error: unknown): Errors {
  if (!(error instanceof ApiError)) throw error;
  const fields = Object.fromEntries(error.fields.map((f) => [f.field, f.message]));
  return Object.keys(fields).length ? fields : { "": errorText(error) };
}

interface FormProps {
  children: ComponentChildren;
  errors: Errors;
  onSubmit: () => void;
  requestId?: string | null | undefined;
  class?: string;
}

export function Form({ children, errors, onSubmit, requestId, class: className }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  return (
    <form ref={form} class={className ?? "stack wide loose"} noValidate onSubmit={submit} onKeyDown={keys}>
      <ErrorSummary errors={errors} requestId={requestId} />
      {children}
    </form>
  );
}

/** What was refused, one link per field, in the same words as beside the field. */
function ErrorSummary({ errors, requestId }: { errors: Errors; requestId: string | null | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const entries = Object.entries(errors);
  useEffect(() => {
    if (!entries.length) return undefined;
    box.current?.focus();
    const title = document.title;
    document.title = t("e.title", { title });
    return () => {
      document.title = title;
    };
  }, [errors]);
  if (!entries.length) return null;
  return (
    <div ref={box} class="message tone-danger summary" role="alert" tabIndex={-1}>
      <h2>{t("e.summary")}</h2>
      <ul class="plain">
        {entries.map(([field, message]) => (
          <li key={field}>{field ? <FieldLink field={field} message={message} /> : message}</li>
        ))}
      </ul>
      <RequestDetails id={requestId} />
    </div>
  );
}

function FieldLink({ field, message }: { field: string; message: string }) {
  const focus = (event: Event) => {
    const target = document.getElementById(field);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: "center" });
  };
  return <a href={`#${field}`} onClick={focus}>{message}</a>;
}
