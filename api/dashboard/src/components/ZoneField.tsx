// A time zone, typed with proposals from the browser's own list.
import { t } from "../i18n";
import { TextField } from "./Field";

const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  value: string;
  error?: string | undefined;
  onInput: (value: string) => void;
}

export function ZoneField({ value, error, onInput }: Props) {
  return (
    <>
      <TextField name="time_zone" label={t("zone")} help={t("zone.help")} list="time-zones" value={value} error={error} onInput={onInput} />
      <datalist id="time-zones">
        {ZONES.map((zone) => <option key={zone} value={zone} />)}
      </datalist>
    </>
  );
}
