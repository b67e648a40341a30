"""The lint of the catalogue: nothing on our schema, and exactly the planted fault otherwise."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.db import lint
from palabre.db.door import driver_url
from tests.support.databases import ROLES, DatabaseUrls

APP = ROLES.app
ONE_FORM = (
    "agency_id = (SELECT current_setting('palabre.agency_id')::uuid)",
    "((SELECT current_setting('palabre.all_clients')::boolean) OR client_id = ANY "
    "((SELECT current_setting('palabre.client_ids')::uuid[])::uuid[]))",
)

FAULTS: dict[str, tuple[str, list[str]]] = {
    "row security off": (
        "ALTER TABLE media DISABLE ROW LEVEL SECURITY",
        ["media: row security is off: ENABLE ROW LEVEL SECURITY."],
    ),
    "not forced": (
        "ALTER TABLE media NO FORCE ROW LEVEL SECURITY",
        ["media: row security is not forced: FORCE ROW LEVEL SECURITY."],
    ),
    "agency wall missing": (
        "DROP POLICY agency_wall ON media",
        ["media: policy agency_wall is missing: raise the walls with palabre.db.migrating."],
    ),
    "client wall missing": (
        "DROP POLICY client_wall ON media",
        ["media: policy client_wall is missing: raise the walls with palabre.db.migrating."],
    ),
    "wall not restrictive": (
        f"DROP POLICY agency_wall ON media; CREATE POLICY agency_wall ON media TO {APP} "
        f"USING ({ONE_FORM[0]}) WITH CHECK ({ONE_FORM[0]})",
        ["media: policy agency_wall is not RESTRICTIVE: make it anew AS RESTRICTIVE."],
    ),
    "wall for everybody": (
        "ALTER POLICY agency_wall ON media TO PUBLIC",
        [f"media: policy agency_wall is for PUBLIC: make it TO {APP}."],
    ),
    "wall for one command": (
        f"DROP POLICY agency_wall ON media; CREATE POLICY agency_wall ON media AS RESTRICTIVE "
        f"FOR UPDATE TO {APP} USING ({ONE_FORM[0]}) WITH CHECK ({ONE_FORM[0]})",
        ["media: policy agency_wall is for UPDATE: make it FOR ALL."],
    ),
    "tolerant wall": (
        "ALTER POLICY agency_wall ON media "
        "USING (agency_id = nullif(current_setting('palabre.agency_id', true), '')::uuid)",
        ["media: policy agency_wall has another expression than the one form of palabre.db.walls."],
    ),
    "open WITH CHECK": (
        "ALTER POLICY client_wall ON media WITH CHECK (true)",
        ["media: policy client_wall has another expression than the one form of palabre.db.walls."],
    ),
    "one more policy": (
        f"CREATE POLICY handy ON media TO {APP} USING (true)",
        [f"media: policy handy for {APP} is not pinned: drop it, or pin it in palabre.db.pinned."],
    ),
    "foreign key without agency": (
        "CREATE UNIQUE INDEX brands_id_key ON brands (agency_id, client_id, id, name);"
        "ALTER TABLE users ADD UNIQUE (id, email);"
        "ALTER TABLE media ADD CONSTRAINT media_created_by_fkey FOREIGN KEY (created_by) "
        "REFERENCES users (id)",
        [
            "media_created_by_fkey refers to users, which has no walls: keep the id without a "
            "foreign key."
        ],
    ),
    "foreign key without client": (
        "ALTER TABLE brands ADD COLUMN key_id uuid;"
        "ALTER TABLE brands ADD CONSTRAINT brands_key_fkey FOREIGN KEY (agency_id, key_id) "
        "REFERENCES data_keys (agency_id, id)",
        [
            "brands_key_fkey does not carry agency and client: refer to (agency_id, client_id, id) "
            "with palabre.db.tables.refers."
        ],
    ),
    "foreign key of a global table": (
        "ALTER TABLE sessions ADD CONSTRAINT sessions_agency_fkey FOREIGN KEY (agency_id) "
        "REFERENCES agencies (id)",
        ["sessions_agency_fkey refers from a global table behind the walls: remove it."],
    ),
    "unique without agency": (
        "ALTER TABLE media ADD CONSTRAINT media_id_key UNIQUE (id)",
        [
            "media_id_key is unique across clients: start it with agency_id and client_id, or pin "
            "it with a reason."
        ],
    ),
    "unique without client": (
        "CREATE UNIQUE INDEX media_id_key ON media (agency_id, id)",
        [
            "media_id_key is unique across clients: start it with agency_id and client_id, or pin "
            "it with a reason."
        ],
    ),
    "unique over an expression": (
        "CREATE UNIQUE INDEX media_id_key ON media (lower(id::text))",
        [
            "media_id_key is unique across clients: start it with agency_id and client_id, or pin "
            "it with a reason."
        ],
    ),
    "definer without search_path": (
        "ALTER FUNCTION sweep_work() RESET search_path",
        ["sweep_work() has no pinned search_path: SET search_path = pg_catalog, public."],
    ),
    "definer with the caller's search_path": (
        "ALTER FUNCTION sweep_work() SET search_path = public, pg_catalog",
        ["sweep_work() has no pinned search_path: SET search_path = pg_catalog, public."],
    ),
    "definer of the wrong role": (
        f"ALTER FUNCTION lookup_attempt(uuid) OWNER TO {ROLES.owner}",
        [
            f"lookup_attempt(uuid) belongs to {ROLES.owner}: ALTER FUNCTION ... OWNER TO "
            f"{ROLES.lookup}."
        ],
    ),
    "definer for everybody": (
        "GRANT EXECUTE ON FUNCTION sweep_work() TO PUBLIC",
        ["PUBLIC may call sweep_work(): REVOKE EXECUTE."],
    ),
    "definer that returns more": (
        "DROP FUNCTION lookup_attempt(uuid); CREATE FUNCTION lookup_attempt(p uuid) "
        "RETURNS TABLE (agency_id uuid, client_id uuid, verifier text) LANGUAGE sql "
        "SECURITY DEFINER SET search_path = pg_catalog, public AS "
        "$$ SELECT agency_id, client_id, verifier FROM public.connect_attempts WHERE id = p $$;"
        f"REVOKE ALL ON FUNCTION lookup_attempt(uuid) FROM PUBLIC;"
        f"ALTER FUNCTION lookup_attempt(uuid) OWNER TO {ROLES.lookup}",
        [
            "lookup_attempt(uuid) returns TABLE(agency_id uuid, client_id uuid, verifier text): "
            "pinned is TABLE(agency_id uuid, client_id uuid)."
        ],
    ),
    "one more definer": (
        "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        "SET search_path = pg_catalog AS $$ SELECT count(*) FROM public.work $$",
        ["peek() is SECURITY DEFINER and not pinned: pin it, or make it an invoker."],
    ),
    "definer missing": (
        "DROP FUNCTION due_schedules(integer)",
        ["due_schedules(integer) is missing or not SECURITY DEFINER: run `palabre db migrate`."],
    ),
    "view of its owner": (
        "CREATE VIEW all_media AS SELECT * FROM media",
        [
            "View all_media reads with its owner's rights: "
            "ALTER VIEW ... SET (security_invoker = true)."
        ],
    ),
    "materialized view": (
        "CREATE MATERIALIZED VIEW all_media AS SELECT * FROM media",
        [
            "all_media is a materialized view, which row security does not reach: use a table with "
            "walls or a view with security_invoker."
        ],
    ),
    "app owns a table": (
        f"CREATE VIEW mine WITH (security_invoker = true) AS SELECT 1 AS one;"
        f"ALTER VIEW mine OWNER TO {APP}",
        [f"{APP} owns relation mine: ALTER ... OWNER TO {ROLES.owner}."],
    ),
    "app is superuser": (
        f"ALTER ROLE {APP} SUPERUSER BYPASSRLS",
        [f"{APP} is SUPERUSER", f"{APP} is BYPASSRLS"],
    ),
    "lookup bypasses row security": (
        f"ALTER ROLE {ROLES.lookup} BYPASSRLS",
        [f"{ROLES.lookup} is BYPASSRLS: ALTER ROLE ... NOBYPASSRLS."],
    ),
    "claimer may sign in": (
        f"ALTER ROLE {ROLES.claimer} LOGIN",
        [f"{ROLES.claimer} may log in: change LOGIN."],
    ),
    "app is a member": (
        f"GRANT {ROLES.backup} TO {APP}",
        [f"{APP} is a member of {ROLES.backup}: REVOKE {ROLES.backup}."],
    ),
    "app may create": (
        f"GRANT CREATE ON SCHEMA public TO {APP}",
        [f"{APP} may CREATE in schema public: revoke it."],
    ),
    "app may truncate": (
        f"GRANT TRUNCATE, REFERENCES, TRIGGER ON media TO {APP}",
        [
            f"{APP} may REFERENCES media: revoke it, or pin it.",
            f"{APP} may TRIGGER media: revoke it, or pin it.",
            f"{APP} may TRUNCATE media: revoke it, or pin it.",
        ],
    ),
    "app may rewrite the audit": (
        f"GRANT UPDATE (details) ON audit_entries TO {APP}",
        [f"{APP} may UPDATE audit_entries.details: revoke it, or pin it."],
    ),
    "lookup may read more": (
        f"GRANT SELECT ON pieces TO {ROLES.lookup}",
        [f"{ROLES.lookup} may SELECT pieces: revoke it, or pin it."],
    ),
    "everybody may read": (
        "GRANT SELECT ON users TO PUBLIC",
        ["PUBLIC may SELECT users: revoke it, or pin it."],
    ),
    "backup misses a table": (
        f"REVOKE SELECT ON media FROM {ROLES.backup}",
        [f"{ROLES.backup} may not SELECT media: grant it."],
    ),
    "table without walls": (
        "CREATE TABLE notes (id uuid PRIMARY KEY)",
        [
            f"{APP} may not DELETE notes",
            f"{APP} may not INSERT notes",
            f"{APP} may not SELECT notes",
            f"{APP} may not UPDATE notes",
            f"{ROLES.backup} may not SELECT notes",
            "notes has no agency_id and is not in walls.GLOBAL",
            "notes: row security is not forced",
            "notes: row security is off",
            "notes_pkey is unique across clients",
        ],
    ),
    "table in another schema": (
        "CREATE SCHEMA aside; CREATE TABLE aside.notes (id uuid)",
        ["Relation aside.notes is outside schema public, where nothing checks it: remove it."],
    ),
}


async def faults(urls: DatabaseUrls, *statements: str) -> list[str]:
    """Return the findings after ``statements``, which are undone."""
    engine = create_async_engine(driver_url(urls.admin), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement.replace(":", r"\:")))
            return await connection.run_sync(lint.findings, ROLES)
    finally:
        await engine.dispose()


async def test_our_schema_has_no_findings(database_urls: DatabaseUrls) -> None:
    assert await faults(database_urls) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_the_only_finding(database_urls: DatabaseUrls, fault: str) -> None:
    sql, expected = FAULTS[fault]

    found = await faults(database_urls, *sql.split(";"))

    assert len(found) == len(expected), found
    for line, start in zip(sorted(found), sorted(expected), strict=True):
        assert line.startswith(start)


async def test_rights_on_a_partition_are_a_finding(database_urls: DatabaseUrls) -> None:
    found = await faults(
        database_urls,
        "CREATE TABLE hits (agency_id uuid NOT NULL, client_id uuid NOT NULL, id uuid, "
        "PRIMARY KEY (agency_id, client_id, id)) PARTITION BY HASH (agency_id)",
        "CREATE TABLE hits_0 PARTITION OF hits FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
        f"GRANT SELECT ON hits_0 TO {APP}",
    )

    assert f"{APP} may SELECT partition hits_0: revoke it, rights belong to the parent." in found
