"""The servers that the marts are published to beside the home, when ``encours.toml`` names them.

The drivers of a server are imported when it is named: they are an extra of the installation.
"""

from collections.abc import Callable

from home.layout import Home
from home.settings import Settings
from home.settings_file import SettingsError
from orchestration.errors import NothingPublishedError, TargetError
from orchestration.publish import Release, current_release


def has_targets(settings: Settings) -> bool:
    """Whether the settings name a server."""
    return settings.publishing.postgresql is not None


def deliver(
    home: Home,
    settings: Settings,
    release: Release,
    on_step: Callable[[str], None],
    *,
    is_again: bool = False,
) -> None:
    """Publish the release in force to the servers that do not show it, or once more to all of them.

    ``on_step`` is told the mart at work. Raises TargetError.
    """
    postgresql = settings.publishing.postgresql
    if postgresql is None:
        return
    try:
        from orchestration.postgres.publication import is_published, publish_release
    except ImportError as error:
        raise TargetError(
            f"PostgreSQL did not get the marts: {error.name} is not installed; install encours[postgres], and run "
            "encours publish."
        ) from None
    if is_again or not is_published(release, postgresql):
        publish_release(home, release, postgresql, on_step)


def publish_again(
    home: Home, settings: Settings, target: str | None, on_step: Callable[[str], None]
) -> Release:
    """Publish the release in force once more, to the target that is named or to every one, and return it.

    Raises SettingsError when ``encours.toml`` has no such target, NothingPublishedError when there is no release, and
    TargetError.
    """
    named = [name for name in type(settings.publishing).model_fields if getattr(settings.publishing, name)]
    if not named or target not in (None, *named):
        raise SettingsError(
            f"{home.settings_file}: there is no table [publishing.{target or 'postgresql'}] to publish by; write it, "
            f"or publish to {', '.join(named) or 'nothing but the home'}."
        )
    release = current_release(home)
    if release is None:
        raise NothingPublishedError(f"{home.root}: nothing is published yet; run encours refresh first.")
    deliver(home, settings, release, on_step, is_again=True)
    return release
