// sRGB to OKLCH and back, gamut reduction and contrast: as core's branding/oklch.py, step by step.
export type Rgb = [number, number, number];

const FINEST = 1e-5;
const EDGE = 1e-6;

export function readHex(colour: string): Rgb {
  const channel = (start: number) => Number.parseInt(colour.slice(start, start + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

export function writeHex(rgb: Rgb): string {
  const digits = rgb.map((c) => Math.floor(Math.min(Math.max(c, 0), 1) * 255 + 0.5).toString(16).padStart(2, "0"));
  return `#${digits.join("").toUpperCase()}`;
}

/** Lightness 0 to 1, chroma, hue in radians. */
export function toOklch(rgb: Rgb): [number, number, number] {
  const [red, green, blue] = rgb.map(linear) as Rgb;
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const lightness = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
  const a = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
  const b = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  return [lightness, Math.sqrt(a * a + b * b), Math.atan2(b, a)];
}

/** The colour of this lightness and hue with at most this chroma that sRGB can show. */
export function inGamut(lightness: number, chroma: number, hue: number): Rgb {
  const whole = toRgb(lightness, chroma, hue);
  if (shown(whole)) return whole;
  let low = 0;
  let high = chroma;
  while (high - low > FINEST) {
    const middle = (low + high) / 2;
    if (shown(toRgb(lightness, middle, hue))) low = middle;
    else high = middle;
  }
  return toRgb(lightness, low, hue);
}

/** Contrast ratio (WCAG 2.2), 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function toRgb(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    curved(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    curved(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    curved(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

const shown = (rgb: Rgb) => rgb.every((c) => c >= -EDGE && c <= 1 + EDGE);

function luminance(colour: string): number {
  const [red, green, blue] = readHex(colour).map(linear) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

function curved(c: number): number {
  const size = Math.abs(c);
  const value = size <= 0.0031308 ? 12.92 * size : 1.055 * size ** (1 / 2.4) - 0.055;
  return c < 0 ? -value : value;
}
