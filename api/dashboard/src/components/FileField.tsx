// Files by button, by dropping and by pasting; the button is the real control.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./Icon";

interface Props {
  name: string;
  label: string;
  help: string;
  accept: string;
  onFiles: (files: File[]) => void;
}

export function FileField({ name, label, help, accept, onFiles }: Props) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onFiles);
  latest.current = onFiles;

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      latest.current(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...(event.dataTransfer?.files ?? [])]);
  };
  const chosen = () => {
    onFiles([...(input.current?.files ?? [])]);
    if (input.current) input.current.value = "";
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div class={`drop ${over ? "over" : ""}`} onDragOver={drag} onDragLeave={() => setOver(false)} onDrop={drop}>
      <input
        ref={input}
        class="hidden-words"
        id={name}
        type="file"
        multiple
        accept={accept}
        aria-describedby={`${name}-help`}
        onChange={chosen}
      />
      <label class="button" for={name}><Icon name="image" />{label}</label>
      <span class="meta" id={`${name}-help`}>{help}</span>
      <span class="hidden-words" role="status">{over ? t("media.drop") : ""}</span>
    </div>
  );
}
