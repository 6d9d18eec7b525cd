"""Keeps WeChat's secrets out of the logs.

WeChat takes the app secret, login codes and access tokens in the query string, and httpx logs every request's
whole address at INFO. A token in a log lets its reader act as the mini-program for two hours.
"""

import logging

import httpx

SECRET_PARAMETERS = frozenset({"access_token", "appid", "js_code", "secret"})


class QueryRedaction(logging.Filter):
    """Cuts the query from every logged address that carries a secret parameter."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_redact(argument) for argument in record.args)
        return True


def _redact(argument: object) -> object:
    if isinstance(argument, httpx.URL) and SECRET_PARAMETERS & set(argument.params.keys()):
        return argument.copy_with(query=b"redacted")
    return argument


def redact_request_logs() -> None:
    """Put the filter on httpx's logger, once however often it is called."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(present, QueryRedaction) for present in logger.filters):
        logger.addFilter(QueryRedaction())
