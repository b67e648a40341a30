// A piece as its platform would show it, drawn from the plugin's preview data; it may differ.
import type { Media, PreviewSpec } from "../api/schema";
import { t } from "../i18n";
import { Avatar } from "./Avatar";
import { PluginIcon } from "./Icon";

interface Props {
  account: { name: string; username?: string; picture_url: string; platform_name: string; icon: string; colour: string };
  spec: PreviewSpec;
  text: string;
  link: string | null;
  media: Media[];
}

export function Preview({ account, spec, text, link, media }: Props) {
  const pictures = media.length > 0 && <Pictures media={media} ratio={spec.media_ratio} grid={spec.layout === "grid"} />;
  const words = <Words text={text} limit={spec.truncate_at} />;
  const above = spec.media_position === "above" || spec.layout === "grid" || spec.layout === "video";
  return (
    <figure class="preview-frame">
      <div class={`preview layout-${spec.layout}`} style={{ "--platform": account.colour }}>
        <div class="row preview-head">
          <Avatar name={account.name} picture={account.picture_url} square={spec.avatar === "square"} />
          <span class="grow">
            <span class="strong">{account.name}</span>
            <span class="meta row"><PluginIcon path={account.icon} />{account.platform_name}</span>
          </span>
        </div>
        {above ? pictures : words}
        {above ? words : pictures}
        {link && <LinkCard link={link} />}
        {spec.actions.length > 0 && (
          <ul class="plain preview-actions">{spec.actions.map((action) => <li key={action}>{action}</li>)}</ul>
        )}
      </div>
      <figcaption class="meta">{t("preview.caption", { account: account.name, platform: account.platform_name })}</figcaption>
    </figure>
  );
}

function Words({ text, limit }: { text: string; limit: number | null }) {
  const chars = [...text];
  if (!text) return <p class="muted">{t("preview.empty")}</p>;
  if (!limit || chars.length <= limit) return <p class="preview-text" dir="auto">{text}</p>;
  return (
    <details class="preview-text">
      <summary dir="auto">{chars.slice(0, limit).join("").trimEnd()}… <span class="strong">{t("preview.more")}</span></summary>
      <p dir="auto">{chars.slice(limit).join("")}</p>
    </details>
  );
}

function Pictures({ media, ratio, grid }: { media: Media[]; ratio: number | null; grid: boolean }) {
  return (
    <div class={`preview-media ${grid || media.length > 1 ? "several" : ""}`}>
      {media.map((item) => (
        <span key={item.id} class="stack">
          <img
            src={item.url}
            alt={item.alt_text}
            width={item.width ?? undefined}
            height={item.height ?? undefined}
            style={ratio ? { aspectRatio: String(ratio), objectFit: "cover", width: "100%" } : {}}
          />
        </span>
      ))}
    </div>
  );
}

function LinkCard({ link }: { link: string }) {
  const host = URL.canParse(link) ? new URL(link).host : link;
  return (
    <p class="preview-link">
      <span class="meta">{host}</span>
      <span>{link}</span>
    </p>
  );
}
