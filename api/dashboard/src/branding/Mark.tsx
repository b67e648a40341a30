// The logo in force beside its name, our own mark until there is one.
import { worn } from "./worn";

export function Mark({ name }: { name: string | undefined }) {
  const look = worn.value;
  if (look?.logo_url) return <img class="logo" src={look.logo_url} alt={look.name} height="28" />;
  return (
    <>
      <img src="/favicon.svg" alt="" width="24" height="24" />
      <span>{name}</span>
    </>
  );
}
