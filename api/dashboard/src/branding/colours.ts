// From one colour to every role of both themes (SCREENS 3.3): as core's branding/colours.py, tested
// with the same cases, so that the preview shows what the server will store.
import { contrast, inGamut, readHex, toOklch, writeHex } from "./oklch";

export interface ThemeRoles {
  accent: string;
  on_accent: string;
  accent_text: string;
  selected: string;
}

export interface Roles {
  brand: string;
  on_brand: string;
  light: ThemeRoles;
  dark: ThemeRoles;
}

interface Theme {
  /** Page and surface. */
  near: string[];
  /** Sidebar and hover. */
  far: string[];
  lightness: number;
  chroma: number;
  /** Where lightness moves when a colour is not readable: -1 darker, 1 lighter. */
  direction: number;
}

const WHITE = "#FFFFFF";
const INK = "#1F1C18";
const BLACK = "#000000";
const TEXT = 4.5;
const SHAPE = 3;
const STEP = 0.005;
const LIGHT: Theme = { near: ["#FAF9F7", "#FFFFFF"], far: ["#F2F0EC", "#EFECE7"], lightness: 0.955, chroma: 0.03, direction: -1 };
const DARK: Theme = { near: ["#131210", "#1B1917"], far: ["#0E0D0B", "#262320"], lightness: 0.295, chroma: 0.045, direction: 1 };

/** The roles of a colour, or null when it is not `#RRGGBB`. */
export function derive(colour: string): Roles | null {
  if (!/^#[0-9A-Fa-f]{6}$/.test(colour)) return null;
  const brand = colour.toUpperCase();
  return { brand, on_brand: textOn(brand), light: themeRoles(brand, LIGHT), dark: themeRoles(brand, DARK) };
}

/** White if it can be read on the colour, else ink, else black. */
const textOn = (colour: string) => [WHITE, INK].find((text) => contrast(text, colour) >= TEXT) ?? BLACK;

function themeRoles(brand: string, theme: Theme): ThemeRoles {
  const [, chroma, hue] = toOklch(readHex(brand));
  const selected = writeHex(inGamut(theme.lightness, Math.min(chroma, theme.chroma), hue));
  const near = [...theme.near, selected];
  const accent = readable(brand, near, SHAPE, theme.direction);
  const accent_text = readable(brand, [...near, ...theme.far], TEXT, theme.direction);
  return { accent, on_accent: textOn(accent), accent_text, selected };
}

function readable(brand: string, backgrounds: string[], ratio: number, direction: number): string {
  const [lightness, chroma, hue] = toOklch(readHex(brand));
  let found = brand;
  for (let steps = 1; backgrounds.some((background) => contrast(found, background) < ratio); steps += 1) {
    found = writeHex(inGamut(lightness + direction * STEP * steps, chroma, hue));
  }
  return found;
}
