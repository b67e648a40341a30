// Loads a screen's script when its address is first opened.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Message, Skeleton } from "../components/Feedback";
import { Button } from "../components/Button";
import { t } from "../i18n";

export interface ScreenProps {
  params: Record<string, string>;
}

type Module = { default: ComponentType<ScreenProps> };

export function lazy(load: () => Promise<Module>): ComponentType<ScreenProps> {
  let known: Module | undefined;
  return function LazyScreen(props: ScreenProps) {
    const [module, setModule] = useState(known);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (known) return;
      load().then((loaded) => setModule((known = loaded)), () => setFailed(true));
    }, []);
    if (module) return <module.default {...props} />;
    if (!failed) return <Skeleton />;
    return (
      <Message tone="warn">
        <p>{t("screen.not.loaded")}</p>
        <Button onPress={() => window.location.reload()}>{t("retry")}</Button>
      </Message>
    );
  };
}
