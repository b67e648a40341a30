// A question over the page: consequence in text, verb on the button, the safe way first in focus.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "./Button";

interface DialogProps {
  title: string;
  children?: ComponentChildren;
  onClose: () => void;
  /** The buttons that act; "Back" is added before them. */
  actions: ComponentChildren;
  /** False when there is no way around the question (session ended). */
  escapable?: boolean;
}

export function Dialog({ title, children, onClose, actions, escapable = true }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opener = document.activeElement;
    box.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const cancel = (event: Event) => {
    event.preventDefault();
    if (escapable) onClose();
  };
  return (
    <dialog ref={box} aria-labelledby={heading} onCancel={cancel}>
      <div class="stack wide">
        <h2 id={heading}>{title}</h2>
        {children}
        <div class="row dialog-actions">
          {escapable && <Button onPress={onClose}>{t("dialog.back")}</Button>}
          {actions}
        </div>
      </div>
    </dialog>
  );
}
