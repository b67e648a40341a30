// Open sessions as rows: device, address, last use, and ending one.
import type { OpenSession } from "../api/schema";
import { Button } from "../components/Button";
import { Table } from "../components/Table";
import { t } from "../i18n";
import { longDate, viewerZone } from "../i18n/time";

export function SessionTable({ sessions, end }: { sessions: OpenSession[]; end: (session: OpenSession) => Promise<unknown> }) {
  return (
    <Table
      caption={t("sessions")}
      rows={sessions}
      rowKey={(session) => session.id}
      columns={[
        { key: "device", title: t("sessions.device"), cell: (s) => <>{s.user_agent || s.ip}{s.current && <strong> {t("sessions.current")}</strong>}</> },
        { key: "ip", title: t("sessions.address"), cell: (s) => s.ip },
        { key: "used", title: t("sessions.used"), cell: (s) => <time dateTime={s.last_used_at}>{longDate(viewerZone(), new Date(s.last_used_at))}</time> },
        { key: "end", title: "", bare: true, cell: (s) => !s.current && <Button onPress={() => end(s)}>{t("sessions.end")}</Button> },
      ]}
    />
  );
}
