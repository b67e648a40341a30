// The shapes of the REST API about branding.
import type { Roles } from "./colours";

export type Level = "client" | "agency" | "default";

/** What a page shows of somebody's branding. */
export interface PublicBranding {
  name: string;
  logo_url: string | null;
  roles: Roles | null;
}

export interface Look extends PublicBranding {
  sender_name: string;
  colour_from: Level;
  logo_from: Level;
  sender_name_from: Level;
}

export interface Branding {
  colour: string | null;
  sender_name: string | null;
  logo_url: string | null;
  effective: Look;
}

export interface Domain {
  id: string;
  host: string;
  state: "waiting" | "verified";
  token: string;
  proof_url: string;
}
