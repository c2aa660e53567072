"""`switchboard serve`: the whole server in the foreground, and what its owner has to know to begin."""

import secrets
from dataclasses import replace

import click

from app.bootstrap.ears import check_ears
from app.bootstrap.installation import TRIAL_EARS, Installation
from app.commands.failures import WrongInput
from app.embedded_redis import RedisMissing
from app.owner.load import UNICONE, load
from app.owner.problems import OwnerFileError
from app.settings import Settings
from app.supervisor.listening import CannotListen, PortBusy
from app.supervisor.stack import Stack, stack
from app.supervisor.supervisor import AlreadyRunning
from app.telephony.tunnel import tunnel_address
from speech import ModelUnusable

PASSWORD_FILE = "run/admin-password"  # noqa: S105 # a path


def serve(settings: Settings) -> None:
    """Runs the server until it is told to stop."""
    settings = with_password(with_address(settings))
    try:
        load(settings.config_path or UNICONE, settings.overlay_path)
        check_ears(settings)
        server = stack(settings)
    except (OwnerFileError, ModelUnusable, PortBusy, CannotListen, RedisMissing) as error:
        raise WrongInput(str(error)) from error
    try:
        server.supervisor.run(on_ready=lambda: _announce(server))
    except AlreadyRunning as error:
        raise WrongInput(str(error)) from error
    finally:
        server.listener.close()


def with_address(settings: Settings) -> Settings:
    """The public address, asked of a running ngrok when it is not set."""
    if settings.public_url:
        return settings
    return replace(settings, public_url=tunnel_address(settings.port))


def with_password(settings: Settings) -> Settings:
    """The console's password, made and printed the first time it is needed."""
    if settings.admin_password:
        return settings
    path = settings.data_dir / PASSWORD_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
        click.echo(f"The console's password is {path.read_text()}   (kept in {path}; set ADMIN_PASSWORD to choose one)")
    return replace(settings, admin_password=path.read_text().strip())


def _announce(server: Stack) -> None:
    settings = server.settings
    click.secho(f"Switchboard is ready at {server.url}", bold=True)
    if settings.config_path is None:
        click.secho("  WARNING: SWITCHBOARD_CONFIG is not set; this serves the packaged example, Unicone.", fg="yellow")
        click.echo("  Make your own file with `switchboard init`.")
    for line in _webhooks(settings) + _warnings(settings):
        click.echo(line)


def _webhooks(settings: Settings) -> list[str]:
    if not settings.public_url:
        return ["  PUBLIC_URL is not set and no ngrok runs here (`ngrok start --all --config ngrok.yml`)."]
    return [
        "  Paste these into your number's page at the carrier (or run `switchboard check --carrier --set`):",
        f"    A call comes in:      {settings.public_url}/voice/incoming   (HTTP POST)",
        f"    Primary handler fails: {settings.public_url}/voice/fallback",
        f"    Call status changes:  {settings.public_url}/voice/status",
        f"    A message comes in:   {settings.public_url}/sms/incoming",
    ]


def _warnings(settings: Settings) -> list[str]:
    found = []
    if not settings.twilio_auth_token:
        found.append("  TWILIO_AUTH_TOKEN is not set: webhooks are refused until it is.")
    if Installation(settings).trial_ears:
        found.append(f"  Callers get the keypad first: {TRIAL_EARS}")
    return found
