"""Questions of ``palabre.db.lint`` to the catalogue; all about schema ``public`` unless said."""

from typing import Final

RELATIONS: Final = """
    SELECT c.relname::text AS name, c.relkind::text AS kind,
           pg_get_userbyid(c.relowner)::text AS owner, c.relispartition AS partition,
           c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           coalesce(c.reloptions, '{}') AS options,
           EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'agency_id'
                   AND a.attnotnull AND NOT a.attisdropped) AS has_agency,
           (SELECT CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped)
           AS client_column
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY c.relname
"""

POLICIES: Final = """
    SELECT c.relname::text AS table_name, p.polname::text AS name, p.polpermissive AS permissive,
           CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
                         WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END AS command,
           ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END
                 FROM unnest(p.polroles) AS r ORDER BY 1) AS roles,
           pg_get_expr(p.polqual, p.polrelid) AS using,
           pg_get_expr(p.polwithcheck, p.polrelid) AS check
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'public'::regnamespace
    ORDER BY 1, 2
"""

RIGHTS: Final = """
    SELECT c.relname::text AS relation, g.privilege_type AS right, '' AS column,
           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS grantee
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
    WHERE c.relnamespace = 'public'::regnamespace AND g.grantee <> c.relowner
    UNION ALL
    SELECT c.relname::text, g.privilege_type, a.attname::text,
           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    CROSS JOIN LATERAL aclexplode(a.attacl) g
    WHERE c.relnamespace = 'public'::regnamespace AND g.grantee <> c.relowner
"""

FOREIGN_KEYS: Final = """
    SELECT k.conname::text AS name, c.relname::text AS table_name, t.relname::text AS target,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (n, i)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i)
           AS columns,
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (n, i)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)
           AS target_columns
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_class t ON t.oid = k.confrelid
    WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND k.conparentid = 0
    ORDER BY 1
"""

UNIQUES: Final = """
    SELECT i.relname::text AS name, c.relname::text AS table_name,
           ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(x.indkey::int2[])
                 WITH ORDINALITY AS u (n, i)
                 LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.n AND u.n > 0
                 WHERE u.i <= x.indnkeyatts ORDER BY u.i) AS columns
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace
    ORDER BY 1
"""

DEFINERS: Final = """
    SELECT format('%s(%s)', p.proname, replace(oidvectortypes(p.proargtypes), ', ', ','))
           AS signature, pg_get_userbyid(p.proowner)::text AS owner,
           pg_get_function_result(p.oid) AS returns,
           coalesce((SELECT substr(s, length('search_path=') + 1) FROM unnest(p.proconfig) AS s
                     WHERE s LIKE 'search_path=%'), '') AS search_path,
           ARRAY(SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC'
                        ELSE pg_get_userbyid(g.grantee)::text END
                 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
                 WHERE g.grantee <> p.proowner AND g.privilege_type = 'EXECUTE') AS callers
    FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
    ORDER BY 1
"""

ROLES: Final = """
    SELECT r.rolname::text AS name, r.rolcanlogin AS login,
           array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
                              CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
                              CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
                              CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                              CASE WHEN r.rolreplication THEN 'REPLICATION' END], NULL) AS powers,
           ARRAY(SELECT pg_get_userbyid(m.roleid)::text FROM pg_auth_members m
                 WHERE m.member = r.oid ORDER BY 1) AS memberships
    FROM pg_roles r WHERE r.rolname = ANY (:names)
    ORDER BY 1
"""

MAKES: Final = """
    SELECT 'CREATE' AS right, 'schema ' || n.nspname AS where
    FROM pg_namespace n WHERE has_schema_privilege(:app, n.oid, 'CREATE') AND NOT :all_powers
    UNION ALL
    SELECT r, 'database ' || current_database() FROM unnest(ARRAY['CREATE', 'TEMP']) AS r
    WHERE has_database_privilege(:app, current_database(), r) AND NOT :all_powers
"""
"""Temporary tables count: they stand first in the search path of functions that do not say."""

OWNED: Final = """
    SELECT 'relation ' || c.oid::regclass AS thing FROM pg_class c
    WHERE c.relowner = (SELECT oid FROM pg_roles WHERE rolname = :app)
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p
    WHERE p.proowner = (SELECT oid FROM pg_roles WHERE rolname = :app)
    UNION ALL SELECT 'schema ' || n.nspname FROM pg_namespace n
    WHERE n.nspowner = (SELECT oid FROM pg_roles WHERE rolname = :app)
    UNION ALL SELECT 'database ' || d.datname FROM pg_database d
    WHERE d.datdba = (SELECT oid FROM pg_roles WHERE rolname = :app)
"""

ELSEWHERE: Final = """
    SELECT 'Relation ' || n.nspname || '.' || c.relname AS thing
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'public'
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
