// Line icons on a 24 x 24 grid; decoration only, words stand beside them.
const PATHS = {
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  pause: "M9 6v12M15 6v12",
  dot: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  question: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18h.01",
  tick: "M4 12l5 6L20 6",
  triangle: "M12 3l10 18H2zM12 10v5M12 18h.01",
  cross: "M5 5l14 14M19 5L5 19",
  minus: "M5 12h14",
  plus: "M12 5v14M5 12h14",
  publications: "M3 11l18-8-6 18-4-7zM11 14l4-4",
  content: "M5 3h10l4 4v14H5zM9 11h6M9 15h6",
  accounts: "M8 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 6-7s6 3 6 7M16 4a4 4 0 0 1 0 7M18 14c2 1 4 4 4 7",
  plugins: "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3",
  clients: "M3 21V8l9-5 9 5v13M9 21v-6h6v6",
  person: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 4-7 8-7s8 3 8 7",
  bell: "M18 16V11a6 6 0 1 0-12 0v5l-2 2h16zM10 21h4",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M6 9l6 6 6-6",
  out: "M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9",
  image: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15 9h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A plugin's own icon, drawn in the current text colour. */
export function PluginIcon({ path }: { path: string }) {
  if (!path) return <Icon name="plugins" />;
  return (
    <svg class="icon solid" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
