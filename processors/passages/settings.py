"""Settings of passages. Times in seconds of capture time unless the name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.reading import ReadingSettings


@dataclass(frozen=True, kw_only=True)
class PassageSettings:
    """Defaults hold for street cameras at 4 to 25 frames a second.

    lost_after_sec: a vehicle not seen for so long has left; unproven_lost_after_sec: the same for what was
    seen in one or two frames only. longest_sec: after so long one that is still
    there is parked: its event is given, then silence, with a refresh every refresh_sec, however often
    something hides it. repeat_sec: the same plate again within this time is the same passage;
    parked_again_sec: so long a parked vehicle may be hidden and is still the same when its plate is seen
    again at its place. silent_after_sec: wall-clock time without any sighting after which a camera's open
    passages are given as they stand, and forgotten_after_sec: after which they cannot go on any more.
    single_read_confidence: how sure the vote must be where no more than one frame was legible, or
    clear_read_confidence that frame by itself.
    unread_frames, unread_px: where the camera asks for it, one whose plate nobody could read is an event too,
    when the vehicle was found in so many frames and had so many pixels in its best view and in another frame.
    on_vehicle: share of the frames in which a vehicle is found around a plate; with less, a doubtful one may
    be writing, of which the vehicle as a whole was not found.
    """

    lost_after_sec: float = 2.0
    unproven_lost_after_sec: float = 0.75
    longest_sec: float = 60.0
    refresh_sec: float = 300.0
    repeat_sec: float = 20.0
    parked_again_sec: float = 600.0
    silent_after_sec: float = 10.0
    forgotten_after_sec: float = 600.0
    clock_jump_sec: float = 30.0
    preview_confidence: float = 0.85
    preview_reads: int = 2
    preview_at_once: float = 0.97
    valid_confidence: float = 0.35
    single_read_confidence: float = 0.8
    clear_read_confidence: float = 0.97
    irregular_confidence: float = 0.6
    irregular_reads: int = 3
    irregular_agreement: float = 0.7
    steady_confidence: float = 0.3
    steady_agreement: float = 0.85
    steady_reads: int = 8
    longest_irregular: int = 12
    on_vehicle: float = 0.25
    certain_new: float = 0.4
    kept_reads: int = 24
    fused_reads: int = 5
    most_fused: int = 14
    unread_frames: int = 4
    unread_px: float = 60.0
    reading: ReadingSettings = field(default_factory=ReadingSettings)
