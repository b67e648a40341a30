// Light, dark, or as the device says; kept on this device.
import { signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const STORED = "palabre.theme";

export const theme = signal<Theme>((localStorage.getItem(STORED) as Theme | null) ?? "auto");

/** Show the whole dashboard in this theme. */
export function chooseTheme(wanted: Theme): void {
  theme.value = wanted;
  localStorage.setItem(STORED, wanted);
  showTheme();
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}
