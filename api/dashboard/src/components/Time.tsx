// An instant in the client's zone, machine-readable, with the relative words only beside it.
import { listTime, soon } from "../i18n/time";

export function Time({ at, zone, relative }: { at: string; zone: string; relative?: boolean }) {
  const instant = new Date(at);
  const words = relative ? soon(instant) : null;
  return (
    <span>
      <time dateTime={at}>{listTime(zone, instant)}</time>
      {words && <span class="muted"> ({words})</span>}
    </span>
  );
}
