// Short names for the shapes of the REST API; all of them come from its generated OpenAPI document.
import type { components } from "./generated";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type MyClient = Schemas["MyClient"];
export type Session = Schemas["Session"];
export type Registration = Schemas["Registration"];
export type Locale = Me["locale"];
export type Role = MyClient["role"];

export type Teammate = Schemas["Teammate"];
export type Invitation = Schemas["Invitation"];
export type Invited = Schemas["Invited"];
export type OpenSession = Schemas["OpenSession"];
export type ActionRoles = Schemas["ActionRoles"];
export type ApiKey = Schemas["ApiKey"];
export type MadeKey = Schemas["MadeKey"];

export type Client = Schemas["Client"];
export type ClientChange = Schemas["ClientChange"];
export type Brand = Schemas["Brand"];

export type Plugin = Schemas["Plugin"];
export type ClientPlugin = Schemas["ClientPlugin"];
export type AgencyPlugin = Schemas["AgencyPlugin"];

export type Account = Schemas["Account"];
export type AccountState = Account["state"];
export type Attempt = Schemas["Attempt"];
export type Choice = Schemas["Choice"];
export type CountingUnit = KindSpec["unit"];
export type KindSpec = Schemas["KindSpec"];
export type PreviewSpec = Schemas["PreviewSpec"];

export type Media = Schemas["Media"];
export type Piece = Schemas["Piece"];

export type AccountCheck = Schemas["Checked"];
export type Verdict = Schemas["Verdict"];
export type Created = Schemas["Created"];
export type Publication = Schemas["Publication"];
export type PublicationState = Publication["state"];
export type PublicationAction = Publication["allowed_actions"][number];
export type Reason = Schemas["Reason"];
export type Step = Schemas["Step"];

export type ErrorBody = Schemas["ErrorAnswer"];
export type FieldError = Schemas["ErrorField"];

/** Any list: the document has one page schema per kind of item, all of this shape. */
export type Page<T> = Omit<Schemas["ClientPage"], "items"> & { items: T[] };

export type Notice = Schemas["NoticeItem"];
export type Notices = Schemas["Notices"];
export type Preference = Schemas["Preference"];
export type Preferences = Schemas["Preferences"];
export type CaughtMail = Schemas["Caught"];
