"""The ``palabre`` command. Everything heavy is imported inside the commands."""

import asyncio
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec
from uuid import UUID

import click

P = ParamSpec("P")
CONFIGURATION = 2
"""Exit status when the environment or the database cannot be used."""


def says_why(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what an operator can mend into one clear line and exit status 2."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        from palabre.base.errors import PalabreError  # noqa: PLC0415
        from palabre.base.settings import SettingsError  # noqa: PLC0415

        try:
            command(*args, **kwargs)
        except SettingsError as error:
            _stop(str(error))
        except PalabreError as error:
            _stop(error.message("en"))

    return wrapped


def _stop(sentence: str) -> NoReturn:
    click.echo(f"palabre: {sentence}", err=True)
    sys.exit(CONFIGURATION)


def _settings() -> Any:
    """Read the settings and turn the logs on."""
    from palabre.base.settings import load  # noqa: PLC0415
    from palabre.start import configure_logs  # noqa: PLC0415

    settings = load(os.environ)
    configure_logs(settings.environment)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="palabre-core", prog_name="palabre")
def main() -> None:
    """Palabre: plan, publish and prove the posts of many clients."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8800, show_default=True, help="Port to listen on.")
@says_why
def api(host: str, port: int) -> None:
    """Serve the REST API and the dashboard."""
    from palabre.commands import serving  # noqa: PLC0415

    serving.serve_api(_settings(), host, port)


@main.command()
@click.option("--processes", default=1, show_default=True, help="Child processes.")
@click.option("--queues", default="", help="Queues served, separated by commas; all by default.")
@says_why
def worker(processes: int, queues: str) -> None:
    """Do due work: a parent that supervises its child processes."""
    from palabre.jobs.parent import run_parent  # noqa: PLC0415

    sys.exit(run_parent(_settings(), processes=processes, queues=_queues(queues)))


def _queues(text: str) -> tuple[str, ...]:
    from palabre.base.settings import SettingsError  # noqa: PLC0415
    from palabre.outbox.work import QUEUES  # noqa: PLC0415

    chosen = tuple(name.strip() for name in text.split(",") if name.strip()) or QUEUES
    unknown = sorted(set(chosen) - set(QUEUES))
    if unknown:
        raise SettingsError(f"There is no queue {', '.join(unknown)}: use {', '.join(QUEUES)}.")
    return chosen


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8801, show_default=True, help="Port to listen on.")
@says_why
def simulators(host: str, port: int) -> None:
    """Serve the simulated platforms of the installed plugins (demo and test only)."""
    from palabre.commands import serving  # noqa: PLC0415

    serving.serve_simulators(_settings(), host, port)


@main.group()
def db() -> None:
    """Set the database up and bring it up to date."""


@db.command("init")
@says_why
def db_init() -> None:
    """Create roles, database and rights (needs PALABRE_DATABASE_ADMIN_URL). Safe to repeat."""
    from palabre.commands import databases  # noqa: PLC0415

    asyncio.run(databases.init(_settings()))
    click.echo("Roles, database and rights are in place.")


@db.command("migrate")
@says_why
def db_migrate() -> None:
    """Bring the schema of every database to the newest revision."""
    from palabre.commands import databases  # noqa: PLC0415

    asyncio.run(databases.migrate(_settings(), click.echo))


@db.command("check")
@says_why
def db_check() -> None:
    """Compare the database with the declared tables and walls; exit 1 on a difference."""
    from palabre.commands import databases  # noqa: PLC0415

    found = asyncio.run(databases.check(_settings()))
    for line in found:
        click.echo(line)
    if found:
        sys.exit(1)
    click.echo("The database matches the declared tables and walls.")


@db.group("silo")
def db_silo() -> None:
    """Databases of their own for clients."""


@db_silo.command("prepare")
@click.argument("count", type=click.IntRange(1, 100), default=1)
@says_why
def db_silo_prepare(count: int) -> None:
    """Make COUNT spare databases; a client created as dedicated takes one."""
    from palabre.commands import databases  # noqa: PLC0415

    asyncio.run(databases.prepare_silos(_settings(), count, click.echo))


@db_silo.command("list")
@says_why
def db_silo_list() -> None:
    """List the databases made so far and whether they are used."""
    from palabre.commands import databases  # noqa: PLC0415

    for line in asyncio.run(databases.silo_lines(_settings())) or ["There are none."]:
        click.echo(line)


@db.command("revision")
@click.argument("message")
@says_why
def db_revision(message: str) -> None:
    """Write a revision with what the declared tables have and the database lacks."""
    from palabre.commands import databases  # noqa: PLC0415

    click.echo(f"Written: {asyncio.run(databases.revision(_settings(), message))}")


@main.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is an agency already.")
@says_why
def seed(if_empty: bool) -> None:
    """Make the demo agency with its clients, brands and owner."""
    from palabre.commands import seeding  # noqa: PLC0415

    click.echo(asyncio.run(seeding.seed(_settings(), if_empty=if_empty)))


@main.command()
@click.argument("email", default="awa@baobab.example")
@says_why
def link(email: str) -> None:
    """Print a one-time sign-in link for EMAIL; the demo's owner when left out."""
    from palabre.commands import seeding  # noqa: PLC0415

    click.echo(asyncio.run(seeding.sign_in_link(_settings(), email)))


@main.group()
def keys() -> None:
    """Make keys of the installation."""


@keys.command("new")
def keys_new() -> None:
    """Print a fresh PALABRE_MASTER_KEY and PALABRE_SIGNING_KEY."""
    import secrets  # noqa: PLC0415

    from palabre.vault.master import new_master_key  # noqa: PLC0415

    click.echo(f"PALABRE_MASTER_KEY={new_master_key()}")
    click.echo(f"PALABRE_SIGNING_KEY={secrets.token_urlsafe(48)}")


@main.group()
def audit() -> None:
    """Export the audit chains, sign their heads, verify."""


@audit.command("export")
@click.option("--agency", type=click.UUID, required=True, help="Whose chains, its clients' too.")
@click.option("--client", type=click.UUID, help="Only the chain of this client.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@says_why
def audit_export(agency: UUID, client: UUID | None, file: Path) -> None:
    """Write chains to FILE as JSON Lines; - for standard output."""
    from palabre.commands import auditing  # noqa: PLC0415

    written = asyncio.run(auditing.write_export(_settings(), agency, client, file))
    click.echo(f"{written} bytes written.", err=True)


@audit.command("verify", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def audit_verify(arguments: tuple[str, ...]) -> None:
    """Verify an export: EXPORT [--anchors FILE] [--key PUBLIC_KEY]; exit 1 when it is not whole."""
    from palabre.audit.verify import main as verify  # noqa: PLC0415

    sys.exit(verify(arguments))


@audit.command("anchor")
@says_why
def audit_anchor() -> None:
    """Sign the heads of all chains now and keep them outside of the database."""
    from palabre.commands import auditing  # noqa: PLC0415

    click.echo(asyncio.run(auditing.write_anchor(_settings())))


@audit.command("key")
@says_why
def audit_key() -> None:
    """Print the public key that anchors are checked with."""
    from palabre.commands import auditing  # noqa: PLC0415

    click.echo(auditing.key(_settings()))


@main.command()
@says_why
def plugins() -> None:
    """List the plugins found, their states and the reasons."""
    from palabre.commands import inspecting  # noqa: PLC0415

    for line in inspecting.plugin_lines(os.environ):
        click.echo(line)


@main.command()
def demo() -> None:
    """Run everything for a trial: servers, simulators, API, worker and a demo agency."""
    from palabre.commands.demo import run_demo  # noqa: PLC0415

    sys.exit(run_demo())


if __name__ == "__main__":
    main()
