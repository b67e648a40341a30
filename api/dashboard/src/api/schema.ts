// The shapes of the REST API that the dashboard uses, one name per resource.

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export interface ErrorBody {
  success: false;
  error: {
    code: string;
    message: string;
    details: { request_id?: string; fields?: FieldError[]; retry_at?: string } & Record<string, unknown>;
  };
}

export type Locale = "en" | "fr";
export type Role = "owner" | "admin" | "editor" | "viewer";

export interface AgencyRef {
  id: string;
  name: string;
}

export interface MyClient {
  id: string;
  name: string;
  slug: string;
  time_zone: string;
  role: Role;
  colour: string | null;
}

export interface Me {
  id: string;
  name: string;
  email: string;
  locale: Locale;
  agency: AgencyRef;
  agencies: AgencyRef[];
  agency_role: Role | null;
  clients: MyClient[];
}

export interface Session {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  user: Me;
}

export interface Client {
  id: string;
  name: string;
  slug: string;
  time_zone: string;
  locale: Locale;
  colour: string | null;
  created_at: string;
}

export interface Plugin {
  key: string;
  name: string;
  version: string;
  vendor: string;
  state: "active" | "failed" | "incompatible" | "blocked" | "duplicate";
  reason: string;
  /** Part of the house: cannot be turned off. */
  always_on: boolean;
  capabilities: string[];
  lifecycle: string;
  icon: string;
  colour: string;
  allowed_hosts: string[];
  platform_api_version: string;
  platform_api_end: string;
  support_url: string;
  scopes: { scope: string; sentence: string; required: boolean }[];
  settings_schema: JsonSchema | null;
  adapters: { family: string; key: string; platform: string }[];
}

export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  writeOnly?: boolean;
  enum?: (string | number | null)[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

export interface SecretState {
  set_at: string;
}

export type SettingValue = string | number | boolean | null | SettingValue[] | SecretState;

export interface ClientPlugin {
  plugin: Plugin;
  enabled: boolean;
  configured: boolean;
  missing: string[];
  /** Fields whose value comes from the agency or the installation. */
  inherited: string[];
  settings: Record<string, SettingValue>;
  enabled_by: AgencyRef | null;
  updated_at: string | null;
}

export interface ErrorNote {
  code: string;
  message: string;
}

export interface Choice {
  remote_id: string;
  name: string;
  username: string;
  kind: string;
  picture_url: string;
  url: string;
  followers: number | null;
  connectable: boolean;
  reason: string | null;
  connected: boolean;
}

export interface Attempt {
  id: string;
  adapter: string;
  state: "waiting" | "choosing" | "connected" | "refused" | "failed" | "expired" | "cancelled";
  url: string;
  expires_at: string;
  choices: Choice[];
  accounts: Account[];
  error: ErrorNote | null;
  channel: string;
}

export type CountingUnit = "chars" | "utf16" | "bytes" | "weighted";

export interface KindSpec {
  kind: string;
  unit: CountingUnit;
  max_text: number | null;
  recommended_text: number | null;
  text_required: boolean;
  link: "no" | "optional" | "required";
  media: { content_types: string[]; min_count: number; max_count: number; alt_text: boolean } | null;
}

export interface PreviewSpec {
  layout: "feed" | "grid" | "message" | "video" | "article";
  avatar: "round" | "square";
  truncate_at: number | null;
  media_position: "below" | "above";
  media_ratio: number | null;
  actions: string[];
}

export type AccountState = "active" | "expiring" | "needs_reconnect" | "revoked" | "disconnected";

export interface Account {
  id: string;
  adapter: string;
  plugin: string;
  platform: string;
  platform_name: string;
  kind: string;
  remote_id: string;
  name: string;
  username: string;
  picture_url: string;
  url: string;
  followers: number | null;
  state: AccountState;
  last_error: ErrorNote | null;
  scopes: string[];
  expires_at: string | null;
  last_used_at: string | null;
  connected_at: string | null;
  held: number;
  kinds: KindSpec[];
  preview: PreviewSpec;
  colour: string;
  icon: string;
}

export interface Media {
  id: string;
  filename: string;
  content_type: string;
  size: number;
  width: number | null;
  height: number | null;
  alt_text: string;
  url: string;
  created_at: string;
}

export interface Piece {
  id: string;
  brand_id: string | null;
  text: string;
  link: string | null;
  media: Media[];
  state: string;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface AccountCheck {
  account_id: string;
  kind: string | null;
  ok: boolean;
  length: number;
  max_length: number | null;
  unit: CountingUnit;
  violations: FieldError[];
  warnings: FieldError[];
}

export interface Verdict {
  accounts: AccountCheck[];
  /** What speaks against the time asked for. */
  time: FieldError[];
}

export type PublicationState =
  | "scheduled"
  | "held"
  | "publishing"
  | "checking"
  | "published"
  | "failed"
  | "cancelled"
  | "removed";

export interface Reason {
  code: string;
  message: string;
  who: "us" | "author" | "admin" | "account_holder" | "support" | "you" | "nobody";
  online: "yes" | "no" | "unknown";
  next_at: string | null;
}

export interface Step {
  n: number;
  kind: string;
  state: string;
  sent_at: string | null;
  finished_at: string | null;
  remote_id: string | null;
}

export interface Publication {
  id: string;
  client: { id: string; name: string };
  piece_id: string;
  account: {
    id: string;
    name: string;
    platform: string;
    platform_name: string;
    picture_url: string;
    icon: string;
    colour: string;
  };
  kind: string;
  text: string;
  link: string | null;
  media: Media[];
  state: PublicationState;
  needs_person: boolean;
  reason: Reason | null;
  due_at: string;
  local_time: string | null;
  time_zone: string;
  permalink: string | null;
  remote_id: string | null;
  published_at: string | null;
  attempt: number;
  allowed_actions: ("cancel" | "retry" | "resolve")[];
  created_at: string;
  steps?: Step[];
}
