// Tabs that are links: each view has its own address.
export interface TabLink {
  href: string;
  label: string;
  current: boolean;
}

export function Tabs({ name, tabs }: { name: string; tabs: TabLink[] }) {
  return (
    <nav class="tabs" aria-label={name}>
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={tab.current ? "page" : undefined}>{tab.label}</a>
      ))}
    </nav>
  );
}
