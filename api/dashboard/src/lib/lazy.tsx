// Loads a screen's script when its address is first opened.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Message, Skeleton } from "../components/Feedback";
import { Button } from "../components/Button";
import { Page } from "../components/Page";
import { markUnreachable, recoveries } from "../api/reachability";
import { t } from "../i18n";

export interface ScreenProps {
  params: Record<string, string>;
}

type Module = { default: ComponentType<ScreenProps> };

/** Skip the value a signal has at once, act on the next. */
function onNext(act: () => void): () => void {
  let first = true;
  return () => (first ? (first = false) : act());
}

export function lazy(load: () => Promise<Module>): ComponentType<ScreenProps> {
  let known: Module | undefined;
  return function LazyScreen(props: ScreenProps) {
    const [module, setModule] = useState(known);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (known) return;
      load().then((loaded) => setModule((known = loaded)), () => {
        markUnreachable();
        setFailed(true);
      });
    }, []);
    // Browsers remember a script that failed: only a reload asks for it again.
    useEffect(() => (failed ? recoveries.subscribe(onNext(() => window.location.reload())) : undefined), [failed]);
    if (module) return <module.default {...props} />;
    if (!failed) return <Skeleton />;
    return (
      <Page title={t("unreachable.name")}>
        <Message tone="warn">
          <p>{t("screen.not.loaded")}</p>
          <Button onPress={() => window.location.reload()}>{t("retry")}</Button>
        </Message>
      </Page>
    );
  };
}
