// The two regions screen readers listen to.
import { assertive, polite } from "../lib/announce";

export function LiveRegions() {
  return (
    <>
      <div class="hidden-words" role="status" aria-live="polite">{polite}</div>
      <div class="hidden-words" role="alert" aria-live="assertive">{assertive}</div>
    </>
  );
}
