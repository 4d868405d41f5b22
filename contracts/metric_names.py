"""Every metric, one comment each. Unit in the name; counters end in `_total`."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    # Frames that a camera gave, by camera.
    FRAMES_CAPTURED = "platestream_frames_captured_total"
    # Frames left out by sampling, by camera.
    FRAMES_GATED = "platestream_frames_gated_total"
    # Frames delivered to the topic, by camera.
    FRAMES_SENT = "platestream_frames_sent_total"
    # Frames given up, by camera and reason.
    FRAMES_SHED = "platestream_frames_shed_total"
    # Frames that a camera should have given and did not, by camera and reason.
    FRAMES_MISSING = "platestream_frames_missing_total"
    # 1 for the state that a camera is in, by camera and state.
    CAMERA_STATE = "platestream_camera_state"
    # Bytes of frames that wait for Kafka.
    INGEST_QUEUED_BYTES = "platestream_ingest_queued_bytes"
    # Changes of the camera file, by outcome: taken, refused.
    CAMERA_FILE_RELOADS = "platestream_camera_file_reloads_total"
    # Times a camera's stream was opened anew, by camera.
    RECONNECTS = "platestream_camera_reconnects_total"
    # Messages done, by stage.
    MESSAGES_DONE = "platestream_messages_done_total"
    # Messages written to a dead-letter topic, by stage and error.
    MESSAGES_SET_ASIDE = "platestream_messages_set_aside_total"
    # What was to be kept for a restart and was refused, as too large, by stage.
    STATE_REFUSED = "platestream_state_refused_total"
    # Reports of a stage that Kafka refused for good, by stage.
    REPORTS_REFUSED = "platestream_reports_refused_total"
    # Messages that retention took before they were read, by stage; holes of the log among them count.
    MESSAGES_NOT_KEPT = "platestream_messages_not_kept_total"
    # Tries that found a dependency away, by stage and dependency.
    RETRIES = "platestream_retries_total"
    # Messages, and a start, that wait for a dependency that is away, by stage and dependency.
    WAITING = "platestream_waiting"
    # Messages in work, by stage.
    IN_FLIGHT = "platestream_in_flight"
    # Since the oldest message began that is not acknowledged, in work or still needed, by stage.
    OLDEST_UNACKED_SECONDS = "platestream_oldest_unacknowledged_seconds"
    # Messages that stand in the partitions of a worker and are not acknowledged, by stage.
    LAG = "platestream_lag_messages"
    # Time of a message from when it was written to its topic, for frames just after capture, to its end in
    # a stage, by stage.
    CAPTURE_TO_DONE_SECONDS = "platestream_capture_to_done_seconds"
    # Registry answers, by provider and status.
    REGISTRY_ANSWERS = "platestream_registry_answers_total"
    # Uploads refused, by reason.
    UPLOADS_REFUSED = "platestream_uploads_refused_total"
