// What every error says: the API's own sentences, or ours when nobody answered.
import { t } from "../i18n";
import type { ApiError } from "../api/errors";

export function errorText(error: ApiError): string {
  if (!navigator.onLine) return t("offline");
  if (error.unreachable) return t("unreachable");
  if (error.status === 404 && !error.message) return t("e.404");
  if (error.fields.length) return error.fields.map((field) => field.message).join(" ");
  return error.message || t("e.server", { id: error.requestId ?? "–" });
}
