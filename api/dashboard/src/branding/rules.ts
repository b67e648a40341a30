// Branded roles as custom properties; focus, status, text and greys are never among them.
import type { Roles } from "./colours";

const COLOUR = /^#[0-9A-F]{6}$/;

/** The properties of both themes; none when anything is not a colour. */
export function properties(roles: Roles): Record<string, string> {
  const both = (light: string, dark: string) => `light-dark(${light}, ${dark})`;
  const { brand, on_brand, light, dark } = roles;
  const all = [brand, on_brand, ...Object.values(light), ...Object.values(dark)] as string[];
  if (!all.every((colour) => COLOUR.test(colour))) return {};
  return {
    "--brand": brand,
    "--on-brand": on_brand,
    "--accent": both(light.accent, dark.accent),
    "--on-accent": both(light.on_accent, dark.on_accent),
    "--accent-text": both(light.accent_text, dark.accent_text),
    "--selected": both(light.selected, dark.selected),
  };
}

/** The sheet of the page: empty without roles, so that our own tokens stand. */
export function rules(roles: Roles | null): string {
  const lines = Object.entries(roles ? properties(roles) : {}).map(([name, value]) => `${name}: ${value};`);
  return lines.length ? `:root { ${lines.join(" ")} }` : "";
}
