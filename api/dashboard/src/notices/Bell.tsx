// The bell in the header: how much the person has not read yet, one press from the list.
import { useResource } from "../api/useResource";
import { Icon } from "../components/Icon";
import { t } from "../i18n";
import { loadNotices, unread } from "./reading";

const LOOK_MS = 30_000;

export function Bell() {
  useResource("bell", (signal) => loadNotices({ limit: "1", unread: "true" }, signal), () => LOOK_MS);
  const count = unread.value;
  return (
    <a class="button quiet bell" href="/notifications" aria-label={t("notices.bell", { n: count })}>
      <Icon name="bell" />
      {count > 0 && <span class="bell-count" aria-hidden="true">{count > 99 ? "99+" : count}</span>}
    </a>
  );
}
