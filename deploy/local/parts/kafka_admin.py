"""Kafka's admin interface, and what its refusals mean."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from contracts.errors import PlatestreamError, Stop, TryAgain

ANSWER_WITHIN_SEC = 30.0
_ERRORS_ONLY = 3  # syslog level of the client library
# A broker learns of a topic a little later than the one that made it.
_LATER = (KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError.UNKNOWN_TOPIC_OR_PART)  # noqa: SLF001 (librdkafka's own names)


def admin_of(kafka: str) -> AdminClient:
    """It has to live until what it was asked is answered."""
    return AdminClient({"bootstrap.servers": kafka, "log_level": _ERRORS_ONLY})


def refusal(about: str, error: KafkaException) -> PlatestreamError:
    """What to raise: `TryAgain` where no answer came, `Stop` for any other."""
    told = f"{about}: {error.args[0].str()}"
    return TryAgain("kafka", told) if error.args[0].code() in _LATER else Stop(told)
