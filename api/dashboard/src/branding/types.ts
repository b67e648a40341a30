// Short names for the shapes of the REST API about branding.
import type { components } from "../api/generated";

type Schemas = components["schemas"];

export type Branding = Schemas["Branding"];
export type Domain = Schemas["Domain"];
export type Look = Schemas["Look"];
/** What a page shows of somebody's branding. */
export type PublicBranding = Schemas["PublicBranding"];
