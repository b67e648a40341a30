// A day and a clock time, typed, in a zone that the label names.
import { t } from "../i18n";
import { city, clock, dayIn, instantOf, longDate, readDay, readTime, typedDay, viewerZone } from "../i18n/time";
import { TextField } from "./Field";

export interface TypedMoment {
  day: string;
  time: string;
}

/** What was understood: the local time for the API, or why it cannot be. */
export function readMoment(typed: TypedMoment, zone: string): { local?: string; at?: Date; errors: Record<string, string> } {
  const day = readDay(typed.day, zone);
  const time = readTime(typed.time);
  const errors: Record<string, string> = {};
  if (!day) errors.day = t("e.day", { example: typedDay(dayIn(zone, new Date())) });
  if (!time) errors.time = t("e.time");
  if (!day || !time) return { errors };
  const at = instantOf(day, time, zone);
  if (!at) return { errors: { time: t("e.dst", { time, date: longDate("UTC", new Date(`${day}T12:00:00Z`)), next: nextTime(time) }) } };
  if (at.getTime() <= Date.now()) return { errors: { day: t("e.past") } };
  return { local: `${day}T${time}`, at, errors };
}

/** Clocks that skip an hour skip it whole: the first time that exists is one hour later. */
function nextTime(time: string): string {
  return `${String((Number(time.slice(0, 2)) + 1) % 24).padStart(2, "0")}:${time.slice(3)}`;
}

interface Props {
  value: TypedMoment;
  zone: string;
  onChange: (value: TypedMoment) => void;
  errors: Record<string, string>;
}

export function DateTimeField({ value, zone, onChange, errors }: Props) {
  const { at } = readMoment(value, zone);
  return (
    <div class="stack wide">
      <div class="pair">
        <TextField
          name="day"
          label={t("schedule.day", { city: city(zone) })}
          help={t("schedule.day.help", { example: typedDay(dayIn(zone, new Date(Date.now() + 86_400_000))) })}
          value={value.day}
          error={errors.day}
          onInput={(day) => onChange({ ...value, day })}
        />
        <TextField
          name="time"
          label={t("schedule.time", { city: city(zone) })}
          help={t("schedule.time.help")}
          value={value.time}
          error={errors.time}
          onInput={(time) => onChange({ ...value, time })}
        />
      </div>
      <p class="meta" role="status">{at ? understood(at, zone) : ""}</p>
    </div>
  );
}

function understood(at: Date, zone: string): string {
  const here = t("schedule.understood", { date: longDate(zone, at), time: clock(zone, at), city: city(zone) });
  const mine = viewerZone();
  if (clock(mine, at) === clock(zone, at)) return here;
  return t("schedule.understood.you", { sentence: here, time: clock(mine, at) });
}
