"""Toll-fraud limits on the calls we place ourselves (the countries are checked when the owner's file loads)."""

import logging

from app.core.config import Config
from app.core.entities import Key, Kind, Worker
from app.usecases.context import Context

log = logging.getLogger(__name__)
HOUR = 3600


def may_dial(context: Context, config: Config) -> bool:
    """Counts one more outbound call, unless that would pass the owner's hourly or concurrent limit."""
    names = sorted(config.agents)
    workers = context.store.read(*(Key(Kind.WORKER, name) for name in names)) if names else ()
    busy = sum(len(worker.reservations) for worker in workers if isinstance(worker, Worker))
    if busy > config.limits.concurrent:
        log.warning("outbound call refused: %d at once is over the limit of %d", busy, config.limits.concurrent)
        return False
    count = context.store.count("outbound", HOUR)
    if count > config.limits.hourly:
        log.warning("outbound call refused: the hour's limit of %d is used up", config.limits.hourly)
        return False
    return True
