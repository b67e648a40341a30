// A colour at work in both themes, with the contrast it reaches, and what had to change in words.
import { t, intlTag } from "../i18n";
import { contrast } from "./oklch";
import type { Roles, ThemeRoles } from "./colours";
import { properties } from "./rules";

export function BrandPreview({ roles }: { roles: Roles }) {
  return (
    <div class="stack wide">
      <h3>{t("branding.preview")}</h3>
      <div class="pair">
        <Sample roles={roles} theme="light" />
        <Sample roles={roles} theme="dark" />
      </div>
      <div role="status">
        <ul class="plain stack">
          {sentences(roles).map((sentence) => <li key={sentence}>{sentence}</li>)}
        </ul>
      </div>
    </div>
  );
}

function Sample({ roles, theme }: { roles: Roles; theme: "light" | "dark" }) {
  const own = roles[theme];
  return (
    <figure class="brand-sample stack wide" style={{ ...properties(roles), "color-scheme": theme }}>
      <figcaption class="strong">{t(`theme.${theme}`)}</figcaption>
      <p class="brand-head">{t("branding.sample.header")}</p>
      <div class="row">
        <span class="button primary">{t("branding.sample.button")}</span>
        <span class="meta figures">{own.accent} · {ratio(own.accent, own.on_accent)}</span>
      </div>
      <div class="row">
        <span class="brand-link">{t("branding.sample.link")}</span>
        <span class="meta figures">{own.accent_text} · {ratio(own.accent_text, worst(own, theme))}</span>
      </div>
      <p class="brand-selected">{t("branding.sample.selected")}</p>
    </figure>
  );
}

const GREYEST = { light: "#EFECE7", dark: "#262320" };
/** The background a link is hardest to read on. */
const worst = (own: ThemeRoles, theme: "light" | "dark") =>
  [own.selected, GREYEST[theme]].reduce((a, b) => (contrast(own.accent_text, a) < contrast(own.accent_text, b) ? a : b));

const ratio = (one: string, other: string) =>
  `${new Intl.NumberFormat(intlTag(), { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(contrast(one, other))}:1`;

function sentences({ brand, light, dark }: Roles): string[] {
  const said = [t("brand.kept", { a: brand })];
  if (light.accent !== brand) said.push(t("brand.fixed", { a: brand, b: light.accent }));
  if (light.accent_text !== brand) said.push(t("brand.fixed.links", { a: brand, b: light.accent_text }));
  if (dark.accent !== brand) said.push(t("brand.fixed.dark", { a: brand, b: dark.accent }));
  if (dark.accent_text !== brand) said.push(t("brand.fixed.links.dark", { a: brand, b: dark.accent_text }));
  return said;
}
