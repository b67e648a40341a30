// Dates and times as people read and type them, always in a named time zone.
import { intlTag, language, t } from ".";

const DAY_MS = 86_400_000;

const format = (zone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(intlTag(), { timeZone: zone, hourCycle: "h23", ...options });

/** The day of an instant in a zone as `2026-11-26`. */
export function dayIn(zone: string, at: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(at);
}

/** `14:30` */
export function clock(zone: string, at: Date): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** `14:30` today, `Thu 26 Nov, 14:30` else. */
export function listTime(zone: string, at: Date, now = new Date()): string {
  if (dayIn(zone, at) === dayIn(zone, now)) return clock(zone, at);
  const sameYear = dayIn(zone, at).slice(0, 4) === dayIn(zone, now).slice(0, 4);
  const day = format(zone, { weekday: "short", day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
  return `${day.format(at).replace(",", "")}, ${clock(zone, at)}`;
}

/** `26 November 2026` */
export function longDate(zone: string, at: Date): string {
  return format(zone, { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** With seconds, for timelines. */
export function preciseTime(zone: string, at: Date): string {
  return format(zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** The city of a zone, because short zone names differ by language. */
export function city(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}

export const viewerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Hours as people know them: `2 h 05`, `30 min`. */
export function span(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** "in 30 min", only for the next 24 hours; null beyond and in the past. */
export function soon(at: Date, now = new Date()): string | null {
  const ahead = at.getTime() - now.getTime();
  return ahead > 0 && ahead < DAY_MS ? t("time.in", { span: span(ahead) }) : null;
}

/** The instant of a clock time in a zone; null when the clocks skip it that day. */
export function instantOf(day: string, time: string, zone: string): Date | null {
  const asUtc = Date.parse(`${day}T${time}:00Z`);
  for (const guess of [asUtc - offset(zone, asUtc), asUtc - offset(zone, asUtc - DAY_MS)]) {
    const at = new Date(guess);
    if (dayIn(zone, at) === day && clock24(zone, at) === time) return at;
  }
  return null;
}

function clock24(zone: string, at: Date): string {
  const options = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en-GB", options).format(at);
}

function offset(zone: string, utcMs: number): number {
  const at = new Date(utcMs);
  return Date.parse(`${dayIn(zone, at)}T${clock24(zone, at)}:00Z`) - Math.floor(utcMs / 60_000) * 60_000;
}

/** Read a typed day: `26/11/2026`, `26 nov`, `2026-11-26`, `tomorrow`; null when not understood. */
export function readDay(typed: string, zone: string, now = new Date()): string | null {
  const text = plain(typed.trim());
  if (text === plain(t("date.today"))) return dayIn(zone, now);
  if (text === plain(t("date.tomorrow"))) return dayIn(zone, new Date(now.getTime() + DAY_MS));
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return checked(iso[1], iso[2], iso[3]);
  const found = /^(\d{1,2})(?:er)?[\s/.-]+([a-z]+\.?|\d{1,2})(?:[\s/.-]+(\d{4}|\d{2}))?$/.exec(text);
  if (!found) return null;
  const month = /^\d/.test(found[2] ?? "") ? found[2] : monthNumber(found[2] ?? "");
  if (!month) return null;
  if (found[3]) return checked(found[3].length === 2 ? `20${found[3]}` : found[3], month, found[1]);
  const thisYear = Number(dayIn(zone, now).slice(0, 4));
  const here = checked(String(thisYear), month, found[1]);
  return here && here < dayIn(zone, now) ? checked(String(thisYear + 1), month, found[1]) : here;
}

function monthNumber(name: string): string | null {
  const start = name.replace(".", "");
  const tags = [intlTag(), "en-GB", "fr-FR"];
  for (const tag of tags) {
    const names = new Intl.DateTimeFormat(tag, { month: "long", timeZone: "UTC" });
    const months = Array.from({ length: 12 }, (_, i) => plain(names.format(new Date(Date.UTC(2024, i, 1)))));
    const hits = months.filter((month) => start.length >= 3 && month.startsWith(start));
    if (hits.length === 1 && hits[0]) return String(months.indexOf(hits[0]) + 1);
  }
  return null;
}

function checked(year?: string, month?: string, day?: string): string | null {
  const text = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}

/** Read a typed clock time: `14:30`, `14h30`, `9`; null when not understood. */
export function readTime(typed: string): string | null {
  const found = /^(\d{1,2})(?:\s*[:h.]\s*(\d{2})?)?$/.exec(typed.trim().toLowerCase());
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** The day as it is typed in this language: `26/11/2026`. */
export function typedDay(day: string): string {
  return day.split("-").reverse().join("/");
}

const plain = (text: string) => text.toLocaleLowerCase(language.value).normalize("NFD").replace(/[\u0300-\u036f]/g, "");
