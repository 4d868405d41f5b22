"""What the portal counts, by the names all parts agreed on."""

from __future__ import annotations

from prometheus_client import Counter

from contracts.metric_names import Metric

UPLOADS_REFUSED = Counter(Metric.UPLOADS_REFUSED.value, "Uploads refused", ("reason",))
