// The secret of a link: taken out of the address bar before anything else happens.
const START = "#secret=";

export function takeSecret(): string | null {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(START)) return null;
  history.replaceState(null, "", pathname + search);
  return decodeURIComponent(hash.slice(START.length));
}
