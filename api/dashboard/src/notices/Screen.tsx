// Everything the person was told, newest first: read it, go where it leads, mark it as read.
import { useState } from "preact/hooks";
import type { Notice, Notices } from "../api/schema";
import { useResource } from "../api/useResource";
import { Button, LinkButton } from "../components/Button";
import { Empty, Loaded } from "../components/Feedback";
import { Page } from "../components/Page";
import { Tabs } from "../components/Tabs";
import { Time } from "../components/Time";
import { t } from "../i18n";
import { viewerZone } from "../i18n/time";
import { announce } from "../lib/announce";
import { query } from "../router";
import { loadNotices, markAllRead, markRead, targetOf } from "./reading";

const PAGE_SIZE = 50;
const LONGEST = 200;
const LOOK_MS = 30_000;

export default function Screen() {
  const open = query.value.get("show") === "unread";
  const [limit, setLimit] = useState(PAGE_SIZE);
  const filter: Record<string, string> = open ? { unread: "true" } : {};
  const list = useResource(
    `notices ${open} ${limit}`,
    (signal) => loadNotices({ ...filter, limit: String(limit) }, signal),
    () => LOOK_MS,
  );
  const readAll = async () => {
    await markAllRead();
    announce(t("notices.all.read"));
    list.reload();
  };
  const tabs = [
    { href: "/notifications", label: t("notices.all"), current: !open },
    { href: "/notifications?show=unread", label: t("notices.unread"), current: open },
  ];
  const action = (
    <div class="row">
      {Boolean(list.data?.unread) && <Button onPress={() => void readAll()}>{t("notices.read.all")}</Button>}
      <LinkButton href="/settings/notifications">{t("notices.choose")}</LinkButton>
    </div>
  );
  return (
    <Page title={t("notices.title")} action={action}>
      <Tabs name={t("notices.title")} tabs={tabs} />
      <Loaded from={list}>
        {(page) => <List page={page} open={open} longer={limit < LONGEST ? () => setLimit(limit + PAGE_SIZE) : null} changed={list.reload} />}
      </Loaded>
    </Page>
  );
}

interface ListProps {
  page: Notices;
  open: boolean;
  longer: (() => void) | null;
  changed: () => void;
}

function List({ page, open, longer, changed }: ListProps) {
  if (!page.items.length) return <Empty>{t(open ? "notices.none.unread" : "notices.none")}</Empty>;
  return (
    <>
      <ul class="plain stack wide">
        {page.items.map((notice) => <Entry key={notice.id} notice={notice} changed={changed} />)}
      </ul>
      {page.next_cursor && longer && <div><Button onPress={longer}>{t("show.more", { n: PAGE_SIZE })}</Button></div>}
    </>
  );
}

function Entry({ notice, changed }: { notice: Notice; changed: () => void }) {
  const target = targetOf(notice);
  const read = () => markRead(notice).then(changed);
  return (
    <li class={notice.read_at ? "card notice" : "card notice unread"}>
      <div class="row apart">
        <p class={notice.read_at ? "" : "strong"}>
          {target ? <a href={target} onClick={() => void markRead(notice)}>{notice.title}</a> : notice.title}
          {!notice.read_at && <span class="hidden-words"> ({t("notices.unread.one")})</span>}
        </p>
        {!notice.read_at && <Button onPress={() => void read()}>{t("notices.read")}</Button>}
      </div>
      {notice.text && <p class="measure">{notice.text}</p>}
      <p class="meta">
        {notice.client && <span>{notice.client.name} · </span>}
        <Time at={notice.created_at} zone={viewerZone()} />
      </p>
    </li>
  );
}
