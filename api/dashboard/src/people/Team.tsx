// The agency's people, what they may do where, and invitations that wait.
import { useState } from "preact/hooks";
import { get, post, put, remove } from "../api/client";
import { ApiError } from "../api/errors";
import type { Invitation, Page as ListPage, Teammate } from "../api/schema";
import { me } from "../api/session";
import { useResource } from "../api/useResource";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Loaded, Message } from "../components/Feedback";
import { Page } from "../components/Page";
import { Table } from "../components/Table";
import { t } from "../i18n";
import { longDate, viewerZone } from "../i18n/time";
import { errorText } from "../lib/errorText";
import { Invite } from "./Invite";
import { RoleFields, rolesOf, type Roles } from "./RoleFields";

export default function Team() {
  const people = useResource("members", (signal) => get<ListPage<Teammate>>("/v1/members", { signal }));
  const invitations = useResource("invitations", (signal) => get<ListPage<Invitation>>("/v1/invitations", { signal }));
  const [edited, setEdited] = useState<Teammate | null>(null);
  return (
    <Page title={t("team")}>
      <Loaded from={people}>{(page) => <People people={page.items} edit={setEdited} />}</Loaded>
      <Invite invited={invitations.reload} />
      <Loaded from={invitations}>{(page) => page.items.length > 0 && <Waiting invitations={page.items} reload={invitations.reload} />}</Loaded>
      {edited && <Edit person={edited} close={() => setEdited(null)} changed={people.reload} />}
    </Page>
  );
}

const clientName = (id: string) => me.value?.clients.find((client) => client.id === id)?.name ?? "";

/** `Admin` of all, or `Editor: Teranga Foods`. */
const rolesText = (roles: Roles) =>
  [
    roles.agency_role && t("team.all", { role: t(`role.${roles.agency_role}`) }),
    ...roles.clients.map((held) => t("team.on", { role: t(`role.${held.role}`), client: clientName(held.client_id) })),
  ].filter(Boolean).join(" · ");

function People({ people, edit }: { people: Teammate[]; edit: (person: Teammate) => void }) {
  return (
    <Table
      caption={t("team")}
      rows={people}
      rowKey={(person) => person.id}
      columns={[
        { key: "name", title: t("register.name"), cell: (p) => <><strong>{p.name}</strong> <span class="muted">{p.email}</span></> },
        { key: "roles", title: t("team.roles"), cell: rolesText },
        { key: "seen", title: t("team.seen"), cell: (p) => p.last_seen_at ? longDate(viewerZone(), new Date(p.last_seen_at)) : t("team.never") },
        { key: "sessions", title: t("sessions"), number: true, cell: (p) => p.sessions },
        { key: "edit", title: "", bare: true, cell: (p) => <Button onPress={() => edit(p)}>{t("team.edit", { name: p.name })}</Button> },
      ]}
    />
  );
}

function Edit({ person, close, changed }: { person: Teammate; close: () => void; changed: () => void }) {
  const [roles, setRoles] = useState<Roles>(rolesOf(person));
  const [refused, setRefused] = useState("");
  const act = (task: Promise<unknown>) =>
    task
      .then(() => {
        changed();
        close();
      })
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        setRefused(error.fields[0]?.message ?? errorText(error));
      });
  const path = `/v1/members/${person.id}`;
  const buttons = (
    <>
      <Button kind="danger" onPress={() => act(remove(path))}>{t("team.remove")}</Button>
      <Button onPress={() => act(remove(`${path}/sessions`))}>{t("team.end")}</Button>
      <Button kind="primary" onPress={() => act(put(`${path}/roles`, roles))}>{t("save")}</Button>
    </>
  );
  return (
    <Dialog title={t("team.edit", { name: person.name })} onClose={close} actions={buttons}>
      <RoleFields id="edit" roles={roles} change={setRoles} />
      <p class="muted">{t("team.acts")}</p>
      {refused && <Message tone="danger">{refused}</Message>}
    </Dialog>
  );
}

function Waiting({ invitations, reload }: { invitations: Invitation[]; reload: () => void }) {
  const path = (invitation: Invitation) => `/v1/invitations/${invitation.id}`;
  return (
    <section class="stack wide">
      <h2>{t("team.invitations")}</h2>
      <Table
        caption={t("team.invitations")}
        rows={invitations}
        rowKey={(invitation) => invitation.id}
        columns={[
          { key: "email", title: t("email"), cell: (i) => i.email },
          { key: "roles", title: t("team.roles"), cell: rolesText },
          { key: "state", title: t("team.until"), cell: (i) => i.state === "expired" ? t("team.expired") : longDate(viewerZone(), new Date(i.expires_at)) },
          { key: "resend", title: "", bare: true, cell: (i) => <Button onPress={() => post(`${path(i)}/resend`).then(reload)}>{t("team.resend")}</Button> },
          { key: "withdraw", title: "", bare: true, cell: (i) => <Button onPress={() => remove(path(i)).then(reload)}>{t("team.withdraw")}</Button> },
        ]}
      />
    </section>
  );
}

