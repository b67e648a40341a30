// Sentences in the reader's language: keys by meaning, named placeholders, plurals by Intl.
import { signal } from "@preact/signals";
import type english from "../locales/en.json";
import type { Locale } from "../api/schema";

export type Key = keyof typeof english;
type Sentence = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Params = Record<string, string | number>;

const STORED = "palabre.locale";
const FILES: Record<Locale, () => Promise<{ default: Record<string, Sentence> }>> = {
  en: () => import("../locales/en.json"),
  fr: () => import("../locales/fr.json"),
};

export const LANGUAGES: Record<Locale, string> = { en: "English", fr: "Français" };
export const language = signal<Locale>(firstLanguage());
const sentences = signal<Record<string, Sentence>>({});

function firstLanguage(): Locale {
  const wanted = localStorage.getItem(STORED) ?? navigator.language;
  return wanted.toLowerCase().startsWith("fr") ? "fr" : "en";
}

/** Load the sentences of the language in use. */
export async function loadLanguage(): Promise<void> {
  const wanted = language.value;
  const file = await FILES[wanted]();
  sentences.value = file.default;
  document.documentElement.lang = wanted;
}

/** Use this language here from now on. */
export function rememberLanguage(locale: Locale): void {
  localStorage.setItem(STORED, locale);
  if (language.peek() === locale) return;
  language.value = locale;
  void loadLanguage();
}

/** The tag for Intl: English with 24 hours and day before month, as in SCREENS 6.3. */
export const intlTag = () => (language.value === "fr" ? "fr-FR" : "en-GB");

/** Say the sentence `key`; `n` chooses the plural; numbers are written as the language writes them. */
export function t(key: Key, params: Params = {}): string {
  const sentence = sentences.value[key] ?? key;
  const text = typeof sentence === "string" ? sentence : plural(sentence, Number(params.n ?? 0));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(intlTag()).format(value) : value;
  });
}

function plural(forms: Exclude<Sentence, string>, n: number): string {
  return forms[new Intl.PluralRules(intlTag()).select(n)] ?? forms.other ?? "";
}

/** Whether a sentence exists, for words that come as data (a plugin's capability). */
export function has(key: string): key is Key {
  return key in sentences.value;
}
