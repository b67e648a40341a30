// Sign-in: a form, or the one-time link whose secret leaves the address at once.
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api/errors";
import { exchangeLink } from "../api/session";
import { productName } from "../branding/worn";
import { Message, Skeleton } from "../components/Feedback";
import { useTitle } from "../components/Page";
import { t } from "../i18n";
import { errorText } from "../lib/errorText";
import { navigate, place } from "../router";
import { LonePage } from "../shell/LonePage";
import { SignInForm } from "./SignInForm";

const LINK = "#link=";

/** Take the secret out of the address bar before anything else happens. */
function takeLinkSecret(): string | null {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(LINK)) return null;
  history.replaceState(null, "", pathname + search);
  return decodeURIComponent(hash.slice(LINK.length));
}

export default function SignIn() {
  const [secret] = useState(takeLinkSecret);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const title = t("sign.in.to", { name: productName.value });
  useTitle(title);
  useEffect(() => {
    if (secret) exchangeLink(secret).catch((error: unknown) => error instanceof ApiError && setRefused(error));
    else keepPageAskedFor();
  }, []);
  if (secret && !refused) return <LonePage title={t("sign.in.link")}><Skeleton /></LonePage>;
  return (
    <LonePage title={title}>
      {refused && <Message tone="warn">{refused.unreachable ? errorText(refused) : t("e.link")}</Message>}
      <SignInForm />
      <p><a href="/reset">{t("reset.ask")}</a></p>
      <p>{t("register.ask")} <a href="/register">{t("register.link")}</a></p>
    </LonePage>
  );
}

/** Any other address becomes `/sign-in?next=...`, so that sign-in leads back to it. */
function keepPageAskedFor(): void {
  const { path, search } = place.value;
  if (path === "/sign-in" || path === "/register") return;
  const next = path === "/" ? "" : `?next=${encodeURIComponent(path + search)}`;
  navigate(`/sign-in${next}`, { replace: true });
}
