// Why a plugin does not work for a client.
import type { ClientPlugin } from "../api/schema";
import { t } from "../i18n";

/** Why it does not work yet, if so. */
export function trouble(item: ClientPlugin): string {
  if (item.plugin.state !== "active") return item.plugin.reason || t(`plugin.${item.plugin.state}`);
  if (item.enabled && !item.configured) return t("plugin.missing", { fields: item.missing.join(", ") });
  return "";
}
