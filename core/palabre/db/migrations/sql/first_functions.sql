-- Functions of the first release. Words in braces are role names of the installation.
-- Every SECURITY DEFINER function pins its search_path and is owned by the one role it needs.

CREATE FUNCTION lookup_memberships(p_user uuid)
RETURNS TABLE (agency_id uuid, client_id uuid, role text, may_approve boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT m.agency_id, m.client_id, m.role, m.may_approve
  FROM public.memberships m WHERE m.user_id = p_user
$$;
--;;
CREATE FUNCTION lookup_attempt(p_attempt uuid)
RETURNS TABLE (agency_id uuid, client_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT a.agency_id, a.client_id FROM public.connect_attempts a WHERE a.id = p_attempt
$$;
--;;
-- Whose key a public key id names; the key itself is read in the scope of that client.
CREATE FUNCTION lookup_api_key(p_kid text)
RETURNS TABLE (agency_id uuid, client_id uuid, key_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT k.agency_id, k.client_id, k.id FROM public.api_keys k WHERE k.kid = p_kid
$$;
--;;
CREATE FUNCTION lookup_invitation(p_hash bytea)
RETURNS TABLE (agency_id uuid, invitation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT i.agency_id, i.id FROM public.invitations i WHERE i.hash = p_hash
$$;
--;;
-- Which clients have a database of their own, and its name.
CREATE FUNCTION lookup_silos()
RETURNS TABLE (agency_id uuid, client_id uuid, database text, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT s.agency_id, s.client_id, s.database, s.state FROM public.silos s
$$;
--;;
CREATE FUNCTION lookup_connect_state(p_hash bytea)
RETURNS TABLE (agency_id uuid, client_id uuid, attempt_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT a.agency_id, a.client_id, a.id FROM public.connect_attempts a WHERE a.state_hash = p_hash
$$;
--;;
-- Whether anybody else, of any agency, has an account connected through the same person's consent:
-- only yes or no, so that withdrawing a consent at the platform never stops a neighbour.
CREATE FUNCTION consent_used_elsewhere(p_plugin text, p_subject text, p_grant uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT EXISTS (
    SELECT 1 FROM public.grants g
    JOIN public.accounts a
      ON a.agency_id = g.agency_id AND a.client_id = g.client_id AND a.grant_id = g.id
    WHERE g.plugin = p_plugin AND g.subject_id = p_subject AND g.id <> p_grant
      AND a.state <> 'disconnected'
  )
$$;
--;;
-- Whose sign-in page a host shows: only hosts somebody proved to control.
CREATE FUNCTION lookup_domain(p_host text)
RETURNS TABLE (agency_id uuid, client_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT d.agency_id, d.client_id FROM public.custom_domains d
  WHERE d.host = p_host AND d.state = 'verified'
$$;
--;;
-- The newest link of every chain, of all agencies: ids, numbers and hashes, to be signed and kept
-- outside of the database.
CREATE FUNCTION audit_heads_for_anchor()
RETURNS TABLE (agency_id uuid, client_id uuid, n bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT h.agency_id, h.client_id, h.n, h.hash FROM public.audit_heads h
$$;
--;;
-- Round robin over the clients that have due work: everybody's oldest first, then everybody's
-- second, each client capped by what it has in flight in this queue.
CREATE FUNCTION claim_work(p_queue text, p_limit integer, p_lease_s double precision, p_per_client integer)
RETURNS TABLE (agency_id uuid, client_id uuid, id uuid, kind text, subject_id uuid, fence bigint, attempt integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH flying AS (
    SELECT w.agency_id, w.client_id, count(*) AS n FROM public.work w
    WHERE w.queue = p_queue AND w.state = 'leased' AND w.lease_until > now()
    GROUP BY 1, 2
  ), waiting_clients AS (
    SELECT DISTINCT w.agency_id, w.client_id FROM public.work w
    WHERE w.queue = p_queue AND w.state = 'waiting' AND w.due_at <= now()
  ), candidates AS (
    SELECT d.agency_id, d.client_id, d.id, d.place
    FROM waiting_clients c
    LEFT JOIN flying f USING (agency_id, client_id)
    CROSS JOIN LATERAL (
      SELECT w.agency_id, w.client_id, w.id, w.due_at,
             row_number() OVER (ORDER BY w.due_at, w.id) AS place
      FROM public.work w
      WHERE w.queue = p_queue AND w.state = 'waiting' AND w.due_at <= now()
        AND w.agency_id = c.agency_id AND w.client_id = c.client_id
      ORDER BY w.due_at, w.id
      LIMIT greatest(least(p_limit, p_per_client - coalesce(f.n, 0)), 0)
    ) d
    ORDER BY d.place, d.due_at
    LIMIT p_limit
  ), locked AS (
    SELECT w.agency_id, w.client_id, w.id FROM public.work w
    JOIN candidates k USING (agency_id, client_id, id)
    WHERE w.state = 'waiting'
    ORDER BY k.place, w.due_at
    FOR UPDATE OF w SKIP LOCKED
  )
  UPDATE public.work w
  SET state = 'leased', fence = w.fence + 1, attempt = w.attempt + 1,
      lease_until = now() + make_interval(secs => p_lease_s), updated_at = now()
  FROM locked l
  WHERE w.agency_id = l.agency_id AND w.client_id = l.client_id AND w.id = l.id
  RETURNING w.agency_id, w.client_id, w.id, w.kind, w.subject_id, w.fence, w.attempt
$$;
--;;
CREATE FUNCTION sweep_work() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH swept AS (
    UPDATE public.work SET state = 'waiting', due_at = now(), updated_at = now()
    WHERE state = 'leased' AND lease_until < now()
    RETURNING 1
  )
  SELECT count(*)::integer FROM swept
$$;
--;;
-- Turns each new event into one row of work per consumer, once.
CREATE FUNCTION relay_events(p_limit integer, p_queue text, p_consumers text[]) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH fresh AS (
    SELECT e.agency_id, e.client_id, e.id FROM public.events e
    WHERE e.relayed_at IS NULL ORDER BY e.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), made AS (
    INSERT INTO public.work (agency_id, client_id, id, queue, kind, subject_id, due_at)
    SELECT f.agency_id, f.client_id, gen_random_uuid(), p_queue, c.name, f.id, now()
    FROM fresh f CROSS JOIN unnest(p_consumers) AS c (name)
    ON CONFLICT DO NOTHING
  ), relayed AS (
    UPDATE public.events e SET relayed_at = now() FROM fresh f
    WHERE e.agency_id = f.agency_id AND e.client_id = f.client_id AND e.id = f.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM relayed
$$;
--;;
CREATE FUNCTION due_schedules(p_limit integer)
RETURNS TABLE (agency_id uuid, client_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT s.agency_id, s.client_id, s.id FROM public.schedules s
  WHERE s.enabled AND s.next_due_at <= now() ORDER BY s.next_due_at LIMIT p_limit
$$;
--;;
-- What has served: kept answers after a day, unfinished connect attempts with their secrets, notices
-- after 90 days.
CREATE FUNCTION forget_expired() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH answers AS (
    DELETE FROM public.idempotency_keys WHERE created_at < now() - interval '24 hours' RETURNING 1
  ), attempts AS (
    UPDATE public.connect_attempts
    SET state = 'expired', verifier = NULL, pending_grant = NULL, choices = '[]'::jsonb
    WHERE state IN ('waiting', 'choosing') AND expires_at < now() RETURNING 1
  ), old_notices AS (
    DELETE FROM public.notices WHERE created_at < now() - interval '90 days' RETURNING 1
  )
  SELECT (SELECT count(*) FROM answers)::integer + (SELECT count(*) FROM attempts)::integer
    + (SELECT count(*) FROM old_notices)::integer
$$;
--;;
-- Length-prefixed fields: no two different rows have the same canonical text.
CREATE FUNCTION audit_canonical(VARIADIC p_fields text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT string_agg(CASE WHEN f IS NULL THEN '-' ELSE octet_length(f) || ':' || f END, ',' ORDER BY i)
  FROM unnest(p_fields) WITH ORDINALITY AS u (f, i)
$$;
--;;
-- Appends to the chain of the client, or of the agency when there is no client. The head row is
-- locked until the transaction ends, so entries are numbered without gaps.
CREATE FUNCTION audit_append() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  head public.audit_heads%ROWTYPE;
BEGIN
  INSERT INTO public.audit_heads (agency_id, client_id, id, n, hash)
  VALUES (NEW.agency_id, NEW.client_id, NEW.id, 0, '\x'::bytea)
  ON CONFLICT (agency_id, client_id) DO NOTHING;
  SELECT * INTO head FROM public.audit_heads h
  WHERE h.agency_id = NEW.agency_id AND h.client_id IS NOT DISTINCT FROM NEW.client_id FOR UPDATE;
  NEW.n := head.n + 1;
  NEW.at := date_trunc('milliseconds', clock_timestamp());
  NEW.prev := head.hash;
  NEW.hash := sha256(convert_to(audit_canonical(
    'palabre-audit-v1', NEW.agency_id::text, NEW.client_id::text, NEW.id::text, NEW.n::text,
    (extract(epoch FROM NEW.at) * 1000)::bigint::text, NEW.actor_kind, NEW.actor_id::text,
    NEW.action, NEW.target_kind, NEW.target_id::text, NEW.details::text,
    encode(NEW.personal_digest, 'hex'), encode(NEW.prev, 'hex')), 'UTF8'));
  UPDATE public.audit_heads SET n = NEW.n, hash = NEW.hash
  WHERE agency_id = head.agency_id AND id = head.id;
  RETURN NEW;
END
$$;
--;;
CREATE FUNCTION audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
--;;
REVOKE ALL ON FUNCTION audit_append() FROM PUBLIC;
--;;
CREATE TRIGGER audit_append BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_append();
--;;
CREATE TRIGGER audit_refuse_row BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--;;
CREATE TRIGGER audit_refuse_all BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
