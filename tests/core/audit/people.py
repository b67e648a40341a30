"""The examples of people and keys: passwords, sessions, team, invitations, API keys.

Importing this module adds them to ``EXAMPLES``.
"""

from sqlalchemy import text

from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.identity import service as identity
from palabre.domains.identity.links import Purpose
from tests.core.audit.examples import Call, Stage, example
from tests.support.api import PASSWORD, letters


@example
async def verify_address(stage: Stage) -> Call:
    secret = await _link(stage, "verify")
    return lambda: stage.nobody.post("/v1/auth/verifications", {"secret": secret})


@example
async def send_verification(stage: Stage) -> Call:
    owner = stage.caller = stage.world.owner
    async with stage.runtime.database.unscoped() as tx:
        unverify = text("UPDATE users SET verified_at = NULL WHERE id = :id")
        await tx.execute(unverify, {"id": owner.id})
    return lambda: stage.owner.post("/v1/me/verifications")


@example
async def reset_password(stage: Stage) -> Call:
    body = {"secret": await _link(stage, "reset"), "password": PASSWORD}
    return lambda: stage.nobody.post("/v1/auth/password-resets/use", body)


@example
async def change_password(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    body = {"current": PASSWORD, "password": "another horse battery"}
    return lambda: stage.owner.post("/v1/me/password", body)


@example
async def end_my_session(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    session = await _session(stage, "/v1/me/sessions")
    return lambda: stage.owner.delete(f"/v1/me/sessions/{session}")


@example
async def end_my_other_sessions(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.delete("/v1/me/sessions")


@example
async def end_member_session(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    path = f"/v1/members/{stage.world.admin.id}/sessions"
    session = await _session(stage, path)
    return lambda: stage.owner.delete(f"{path}/{session}")


@example
async def end_member_sessions(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.delete(f"/v1/members/{stage.world.admin.id}/sessions")


@example
async def edit_member(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    path = f"/v1/members/{stage.world.viewer.id}/roles"
    return lambda: stage.owner.put(path, {"agency_role": "admin"})


@example
async def remove_member(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.delete(f"/v1/members/{stage.world.viewer.id}")


@example
async def invite(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    body = {"email": f"{new_id().hex}@example.org", "agency_role": "viewer"}
    return lambda: stage.owner.post("/v1/invitations", body)


@example
async def resend_invitation(stage: Stage) -> Call:
    path, _ = await _invitation(stage)
    return lambda: stage.owner.post(f"{path}/resend")


@example
async def withdraw_invitation(stage: Stage) -> Call:
    path, _ = await _invitation(stage)
    return lambda: stage.owner.delete(path)


@example
async def accept_invitation(stage: Stage) -> Call:
    _, secret = await _invitation(stage)
    stage.caller = None
    body = {"secret": secret, "name": "Fatou Sow", "password": PASSWORD}
    return lambda: stage.nobody.post("/v1/auth/invitations/accept", body)


@example
async def create_key(stage: Stage) -> Call:
    return stage.call("POST", "/api-keys", json={"name": "CRM", "scopes": ["pieces.read"]})


@example
async def revoke_key(stage: Stage) -> Call:
    made = await stage.made("/api-keys", {"name": "CRM", "scopes": ["pieces.read"]})
    return stage.call("DELETE", f"/api-keys/{made['key']['id']}")


async def _link(stage: Stage, purpose: Purpose) -> str:
    owner = stage.caller = stage.world.owner
    async with stage.runtime.database.transaction(Scope.of_agency(owner.agency_id)) as tx:
        return await identity.create_link(tx, stage.runtime, owner.id, purpose)


async def _session(stage: Stage, path: str) -> str:
    items = (await stage.owner.get(path)).json()["items"]
    return str(items[0]["id"])


async def _invitation(stage: Stage) -> tuple[str, str]:
    stage.caller = stage.world.owner
    email = f"{new_id().hex}@example.org"
    answer = await stage.owner.post("/v1/invitations", {"email": email, "agency_role": "viewer"})
    secret = (await letters(stage.runtime, email))[0].secret
    return f"/v1/invitations/{answer.json()['id']}", secret
