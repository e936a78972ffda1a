"""Puts a run together from its settings: journal, stream, forwarder, tally, engine."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grantex_tui.datadog.sites import find_site
from grantex_tui.delivery.batch import BatchSettings, EntryFormat
from grantex_tui.delivery.forwarder import Forwarder
from grantex_tui.delivery.intake import Intake, intake_address
from grantex_tui.errors import UsageError
from grantex_tui.events.live.filters import stream_url
from grantex_tui.events.recorded.sketch import Sketcher
from grantex_tui.events.types import EVENT_TYPES
from grantex_tui.network.addresses import is_open
from grantex_tui.network.route import Network
from grantex_tui.network.tls import Certificates
from grantex_tui.watch.engine import Engine, Limits
from grantex_tui.watch.keeping import open_journal
from grantex_tui.watch.listen.blind import Blindness
from grantex_tui.watch.listen.listening import open_sockets, open_to_questions
from grantex_tui.watch.masking import secrets_of
from grantex_tui.watch.monitor_files import plan_monitors
from grantex_tui.watch.reading import missed, open_stream, rereading
from grantex_tui.watch.rotation import Rotation
from grantex_tui.watch.tally import Tally
from grantex_tui.watch.tenant import ask_tenant


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import aiohttp

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.spool import Spool
    from grantex_tui.settings import Settings
    from grantex_tui.watch.roles import Observer
    from grantex_tui.words.secrets import Secrets

_UNSEEN, _PAINTED = 0.02, 0.05
"""Seconds for which reads gather. A screen that is painted four times a second needs no more than
twenty reads; each one saved is a wake-up and an fdatasync."""


@asynccontextmanager
async def open_session(
    settings: Settings,
    limits: Limits,
    *,
    clock: Clock,
    observers: Sequence[Observer] = (),
    detailed: bool = False,
    secrets: Secrets | None = None,
) -> AsyncIterator[Engine]:
    """An engine ready to run, with everything it uses opened and closed around it.

    Args:
        settings: Checked, with keys.
        limits: When the run ends by itself.
        clock: The time for everything.
        observers: Who is told of each read, gap and state.
        detailed: Keep what a dashboard shows beyond totals.
        secrets: What is masked in all that is shown and written down; by default the run's own.

    Raises:
        UsageError: The site is unknown.
        InvalidFileError: A monitor or pipeline file is wrong.
        JournalError: The journal can't be opened, or is in use.
    """
    started_at = clock.now()
    intake_url, target = _intake_of(settings)
    plan = plan_monitors(settings)
    url = stream_url(settings.url, settings.types)
    secrets = secrets or secrets_of(settings, os.environ)
    certificates = Certificates(settings.ca_file, settings.client_cert, settings.client_key)
    network = Network(certificates, os.environ)
    tenant = ""
    if settings.journal is not None:
        tenant = await ask_tenant(network, settings.url, settings.grantex_api_key)
    # Opened before the stream is: what can't be kept is not asked for.
    kept = open_journal(settings, url, tenant, _entry_format(settings).note, clock=clock)
    journal = kept.spool
    try:
        opened = open_sockets(settings.listen, kept.path)
    except UsageError:
        journal.close()
        raise
    blindness = Blindness()
    async with network.session(intake_url, to_datadog=True, connections=16) as intake_http:
        intake = _intake(settings, intake_http, intake_url, clock, secrets)
        engine = Engine(
            source=url,
            journal=journal,
            journal_path=kept.path,
            sender=_forwarder(settings, journal, intake, target, clock),
            tally=Tally(clock.now(), detailed=detailed),
            clock=clock,
            limits=limits,
            mask=secrets.masked,
            observers=[*observers, blindness],
            listening=opened.places,
            warnings=[
                *opened.warnings,
                *kept.notes,
                *standing_warnings(settings),
                *(() if detailed else plan.notes),
            ],
        )
        coalesce = _PAINTED if detailed else _UNSEEN
        rotation = Rotation(
            journal,
            tenant,
            ask=partial(ask_tenant, network, settings.url),
            tell=engine.on_notice,
        )
        judge = plan.start(clock.now(), engine.on_notification) if plan.monitors else None
        try:
            async with open_stream(
                settings,
                url,
                network,
                engine,
                clock=clock,
                coalesce=coalesce,
                since=started_at,
                learn=secrets.add,
                on_hangup=engine.renewals.append,
                rotation=rotation,
                opens=(Sketcher() if judge is None else judge).envelopes,
            ) as stream:
                engine.renewals.append(intake.renew_key)
                if (gap := missed(kept.seen_until, now=started_at)) is not None:
                    engine.on_gap(gap)
                engine.attach(stream, judge)
                async with open_to_questions(
                    opened,
                    engine.frame,
                    blindness,
                    journal_limit=settings.journal_max_bytes,
                    environment=os.environ,
                ):
                    yield engine
        finally:
            rotation.close()
            opened.close()
            journal.close()


def _intake_of(settings: Settings) -> tuple[str, str]:
    """Where logs are posted, and what that is called on the screen."""
    if settings.intake_url:
        return intake_address(settings.intake_url), urlsplit(settings.intake_url).netloc
    site = find_site(settings.site)
    return site.intake_url, site.domain


def _intake(
    settings: Settings,
    session: aiohttp.ClientSession,
    intake_url: str,
    clock: Clock,
    secrets: Secrets,
) -> Intake:
    key, path = settings.dd_api_key, settings.dd_api_key_file
    return Intake(
        session,
        intake_url,
        key,
        clock=clock,
        compression=settings.compression,
        secrets=secrets,
        reread=rereading("DD_API_KEY", path, key, secrets.add),
    )


def _forwarder(
    settings: Settings, spool: Spool, intake: Intake, target: str, clock: Clock
) -> Forwarder | None:
    if not settings.forward:
        return None
    return Forwarder(
        spool,
        intake,
        clock=clock,
        target=target,
        settings=BatchSettings(
            settings.batch_size,
            settings.flush_interval,
            max_entries=max(settings.batch_size, settings.max_request_events),
        ),
        entry_format=_entry_format(settings),
    )


def _entry_format(settings: Settings) -> EntryFormat:
    return EntryFormat(
        source=settings.source,
        service=settings.service,
        tags=settings.tags,
        entry_date=settings.entry_date,
    )


def standing_warnings(settings: Settings) -> list[str]:
    """What a person should know about these settings for as long as the run lasts."""
    warnings = []
    unknown = [name for name in settings.types if "*" not in name and name not in EVENT_TYPES]
    if unknown:
        names = ", ".join(unknown)
        warnings.append(
            f"no event type that Grantex is known to send is called {names}: "
            "the service answers an unknown type with silence"
        )
    if settings.forward and not settings.flush_interval:
        warnings.append(
            f"the flush timer is off: on a quiet stream up to {settings.batch_size - 1} events "
            "wait for a full batch, and a heartbeat monitor will fire"
        )
    open_ways = {"--url": settings.url, "--intake-url": settings.forward and settings.intake_url}
    for option, url in open_ways.items():
        if url and is_open(url):
            warnings.append(
                f"{option} is plain http to another machine: the key and all events can be read on "
                "the way; use https"
            )
    if settings.journal is None and settings.forward:
        warnings.append("no journal: what is undelivered when the run ends is lost")
    return warnings
