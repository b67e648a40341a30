// Settings of the person: name, language, theme of this device, agency in use.
import { useState } from "preact/hooks";
import { patch } from "../api/client";
import { me, refresh } from "../api/session";
import type { Locale, Me } from "../api/schema";
import { Button } from "../components/Button";
import { Message } from "../components/Feedback";
import { Choice, Choices, Select, TextField } from "../components/Field";
import { Form, errorsOf, type Errors } from "../components/Form";
import { Page } from "../components/Page";
import { LANGUAGES, rememberLanguage, t } from "../i18n";
import { chooseTheme, theme, type Theme } from "../lib/theme";

const THEMES: Theme[] = ["auto", "light", "dark"];

export default function Profile() {
  return (
    <Page title={t("profile.title")}>
      <div class="stack wide loose form">
        <Person />
        <p><a href="/settings/sessions">{t("sessions.and.password")}</a></p>
        <section class="card stack wide">
          <Choices id="theme" legend={t("theme")}>
            {THEMES.map((value) => (
              <Choice key={value} radio name="theme" value={value} label={t(`theme.${value}`)} checked={theme.value === value} onChange={() => chooseTheme(value)} />
            ))}
          </Choices>
        </section>
        <Agencies />
      </div>
    </Page>
  );
}

function Person() {
  const user = me.value;
  const [name, setName] = useState(user?.name ?? "");
  const [locale, setLocale] = useState<string>(user?.locale ?? "en");
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState(false);
  const [working, setWorking] = useState(false);
  const save = async () => {
    if (working) return;
    setWorking(true);
    setSaved(false);
    try {
      me.value = await patch<Me>("/v1/me", { name: name.trim(), locale: locale as Locale });
      rememberLanguage(me.value.locale);
      setErrors({});
      setSaved(true);
    } catch (error) {
      setErrors(errorsOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Form errors={errors} class="card stack wide" onSubmit={() => void save()}>
      <p class="muted">{user?.email}</p>
      <TextField name="name" label={t("register.name")} autocomplete="name" value={name} error={errors.name} onInput={setName} />
      <Select name="locale" label={t("language")} value={locale} options={Object.entries(LANGUAGES)} onChange={setLocale} />
      <div class="row">
        <Button type="submit" kind="primary" working={working}>{t("save")}</Button>
      </div>
      {saved && <Message tone="success">{t("saved")}</Message>}
    </Form>
  );
}

/** A person may be a member of several agencies; changing reloads everything. */
function Agencies() {
  const user = me.value;
  if (!user || user.agencies.length < 2) return null;
  return (
    <section class="card stack">
      <h2>{t("agencies")}</h2>
      {user.agencies.map((agency) => (
        <div key={agency.id} class="row">
          <span>{agency.name}</span>
          {agency.id === user.agency.id
            ? <span class="muted">{t("agency.here")}</span>
            : <Button onPress={() => refresh(agency.id)}>{t("agency.open", { agency: agency.name })}</Button>}
        </div>
      ))}
    </section>
  );
}
