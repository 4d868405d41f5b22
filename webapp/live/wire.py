"""Event name, id and text -> bytes of a server-sent event (WHATWG HTML, section 9.2)."""

from __future__ import annotations

HEARTBEAT = b": still here\n\n"


def event(*, name: str, data: str, event_id: str | None = None) -> bytes:
    """One event. Line ends inside `data` become several data lines, as the format wants."""
    lines = [f"event: {name}"]
    if event_id is not None:
        lines.append(f"id: {event_id}")
    lines.extend(f"data: {line}" for line in data.splitlines() or [""])
    return ("\n".join(lines) + "\n\n").encode()


def retry(*, after_ms: int) -> bytes:
    """Tells the browser how long to wait before it connects again."""
    return f"retry: {after_ms}\n\n".encode()
