// Choosing a role on the agency, or on single clients.
import type { Role } from "../api/schema";
import { me } from "../api/session";
import { Select } from "../components/Field";
import { t } from "../i18n";

export interface Roles {
  agency_role: Role | null;
  clients: { client_id: string; role: Exclude<Role, "owner"> }[];
}

export const rolesOf = ({ agency_role, clients }: Roles): Roles => ({ agency_role, clients });

const ON_CLIENT = ["viewer", "editor", "admin"] as const;

export function RoleFields({ id, roles, change }: { id: string; roles: Roles; change: (roles: Roles) => void }) {
  const ranks: Role[] = me.value?.agency_role === "owner" ? [...ON_CLIENT, "owner"] : [...ON_CLIENT];
  const named = (role: Role): [string, string] => [role, t(`role.${role}`)];
  const give = (client_id: string, role: string) => {
    const others = roles.clients.filter((held) => held.client_id !== client_id);
    const own = ON_CLIENT.find((known) => known === role);
    change({ ...roles, clients: own ? [...others, { client_id, role: own }] : others });
  };
  return (
    <div class="stack wide">
      <Select
        name={`${id}-agency`}
        label={t("team.agency")}
        value={roles.agency_role ?? ""}
        options={[["", t("role.none")], ...ranks.map(named)]}
        onChange={(role) => change({ ...roles, agency_role: ranks.find((known) => known === role) ?? null })}
      />
      {!roles.agency_role && me.value?.clients.map((client) => (
        <Select
          key={client.id}
          name={`${id}-${client.id}`}
          label={t("team.client", { client: client.name })}
          value={roles.clients.find((held) => held.client_id === client.id)?.role ?? ""}
          options={[["", t("role.none")], ...ON_CLIENT.map(named)]}
          onChange={(role) => give(client.id, role)}
        />
      ))}
    </div>
  );
}
