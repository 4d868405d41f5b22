"""Sightings of one camera, in order -> drafts of plate events.

A passage is over when its vehicle has not been seen for a while by capture time, or when the camera's
epoch changed or ended. One that lasts too long is parked: its final is given then, and afterwards only
refreshed. By the wall clock nothing ends: a camera that has fallen silent may be one whose frames wait
for a server, so its open passages are given as they stand, and go on if it does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contracts.messages.common import CameraId
from contracts.messages.sighting import Sighting
from processors.passages.events.drafts import Draft, Drafting
from processors.passages.events.over import Over
from processors.passages.events.remembered import Remembered
from processors.passages.movement.ways import UNTOLD, Ways
from processors.passages.observations import Observation, observations
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.stream import Stream
from processors.passages.tracking.resuming import Resuming
from processors.passages.tracking.track import Track
from processors.passages.tracking.tracker import Tracker
from processors.passages.voting import Vote


@dataclass
class _Upload:
    """Where the picture of an upload stands in the log, and its end once that has come."""

    first_offset: int
    last_offset: int | None = None


class CameraPassages:
    """State of one camera. Passages that ended below `settled_below` were given before a restart, and so
    were those of `parked` vehicles, which may still stand there. `unread`, the cameras that ask for events of
    vehicles without a plate, and `ways` may change at any time."""

    def __init__(
        self,
        settings: PassageSettings,
        *,
        settled_below: int,
        now: Callable[[], datetime],
        parked: Sequence[Passage] = (),
        unread: Collection[CameraId] = (),
        ways: Mapping[CameraId, Ways] | None = None,
    ) -> None:
        self._settings = settings
        self._ways = ways or {}
        self._settled_below = settled_below
        self._tracker = Tracker(settings)
        self._remembered = Remembered(settings, parked)
        self._drafting = Drafting(settings, now, self._remembered, unread)
        self._resuming = Resuming(settings, parked)
        self._stream = Stream(clock_jump_sec=settings.clock_jump_sec, quiet_sec=settings.lost_after_sec)
        self._upload: _Upload | None = None
        self._over = Over()
        self._all_given = False

    def take(self, sighting: Sighting, offset: int) -> list[Draft]:
        """The next sighting. Repeats of what was taken already give nothing."""
        if self._stream.has_had(sighting):
            return []
        self._all_given = False
        drafts: list[Draft] = []
        had_begun = self._stream.has_begun
        if not self._stream.goes_on_with(sighting):
            drafts, self._upload = self.close_all(), None
            if had_begun:  # else what stood here before a restart is waited for
                drafts += self._left(self._resuming.give_up())
        self._drafting.move_to(sighting.captured_at)
        if not sighting.end:
            drafts += self._follow(sighting, offset)
            drafts += [draft for each in self.parked for draft in self._drafting.refreshed(each)]
        if sighting.origin == "upload":
            drafts += self._uploaded(sighting, offset)
        elif sighting.end:
            drafts += self.close_all()
        if sighting.end and sighting.origin != "live":
            # A live stream may come back with the same vehicle in view; a file is over.
            drafts += self._drafting.untold(self.parked) if offset >= self._settled_below else []
            self._remembered.forget_all()
            self._over.leave(self._resuming.give_up())
        return drafts

    def close_all(self) -> list[Draft]:
        """Everything open is over."""
        tracks = self._tracker.drop_all()
        drafts = self._close(tracks)
        # Those whose plate was read are remembered, and told of in time.
        unread = [each.passage for each in tracks if each.passage.is_parked_unread]
        self._over.leave(unread)
        return drafts + self._drafting.untold(
            [each for each in unread if each.last_offset >= self._settled_below]
        )

    def give_all(self) -> list[Draft]:
        """The finals of everything open as it stands; what comes later goes on with the same passages."""
        if self._all_given:
            return []
        self._all_given = True
        drafts: dict[str, Draft] = {}
        for track in self._tracker.tracks:
            # What is read again after a restart has been given, and its beginning may be missing.
            if not track.passage.parked and track.passage.last_offset >= self._settled_below:
                drafts |= {each.event.event_id: each for each in self._drafting.final(track.passage)}
            if track.passage.part_of is not None:  # more of an earlier one
                self._tracker.go_on_as(track, track.passage.part_of)
        return list(drafts.values())

    def forgotten(self) -> list[Draft]:
        """Nothing more is expected: what parked vehicles were seen to do since they were last told of."""
        return self._drafting.untold(self.parked)

    @property
    def parked(self) -> tuple[Passage, ...]:
        """Vehicles that stand here, or did a short time ago."""
        in_view = [track.passage for track in self._tracker.tracks if track.passage.parked]
        hidden = [each for each in self._remembered.passages if each.parked and each not in in_view]
        return (*in_view, *hidden, *self._resuming.waiting)

    @property
    def kept(self) -> tuple[Passage, ...]:
        """What a restart must know: those, and what may be read again of others."""
        return (*self.parked, *self._over.gone)

    def _uploaded(self, sighting: Sighting, offset: int) -> list[Draft]:
        """An upload is one picture, what it shows is over at once. One without a plate says so: with its
        picture, or with its end where the picture never came."""
        came_before = self._upload is not None
        self._upload = self._upload or _Upload(offset)
        if sighting.end:
            self._upload.last_offset = offset
        found = self.close_all()
        # What was given before a restart gives no draft again, and is not nothing.
        given = found or came_before or offset < self._settled_below
        return found if given else self._drafting.nothing_found(sighting)

    def open_passages(self) -> list[Passage]:
        """Passages whose event is still to come."""
        return [track.passage for track in self._tracker.tracks if not track.passage.parked]

    def needed_offsets(self, *, settled_below: int) -> list[int]:
        """Where that begins which is over but still matters to what others become: passages that overlap the
        open ones, those that a plate seen again would continue, and an upload whose end is still to come."""
        closed = self._over.needed(settled_below=settled_below, time=self._drafting.time)
        # What parked may have begun too long ago to be read again: its events are kept aside.
        passages = [each for each in (*closed, *self._remembered.passages) if not each.parked]
        offsets = [passage.first_offset for passage in passages]
        if (upload := self._upload) and (upload.last_offset is None or upload.last_offset >= settled_below):
            offsets.append(upload.first_offset)
        return offsets

    def forget_given_unless_open(self) -> None:
        """It has been silent for long: where no vehicle was in view, nothing goes on but what is parked."""
        if not self._tracker.tracks:
            self._remembered.forget_passing()

    def _follow(self, sighting: Sighting, offset: int) -> list[Draft]:
        begin = partial(Passage.begun, sighting, kept_reads=self._settings.kept_reads)
        left = self._left(self._resuming.given_up(sighting))
        self._tracker.tracks += self._resuming.tracks(sighting, self._stream.time_sec, self._tracker.tracks)
        step = self._tracker.step(observations(sighting), self._stream.time_sec, begin)
        drafts = self._close(step.lost)
        lost = [track.passage for track in step.lost]
        unawaited = [each for each in lost if not self._resuming.wait_for(each)]
        drafts += self._left([each for each in unawaited if each.is_parked_unread])
        for track, seen in step.seen:
            track.passage.add(sighting, seen, offset, self._ways.get(sighting.camera, UNTOLD))
        for track, known in self._resuming.driven_in(self._tracker.tracks, sighting):
            known.absorb(track.passage)
            self._tracker.go_on_as(track, known)
        for track, seen in step.seen:
            drafts += self._continue(track, sighting, seen, offset)
        return [*left, *drafts]

    def _continue(self, track: Track, sighting: Sighting, seen: Observation, offset: int) -> list[Draft]:
        """A preview as soon as the plate is read well enough, a final when the vehicle has parked."""
        passage = track.passage
        if passage.parked:
            return []
        if passage.lasted_sec >= self._settings.longest_sec:
            return self._park(track, sighting, seen, offset)
        if seen.read is None or passage.previewed or passage.given or sighting.origin == "upload":
            return []  # an upload is final at once
        drafts = self._preview(track)
        # Seen before a restart, its preview is out; that it was given decides what becomes of the passage.
        return drafts if offset >= self._settled_below else []

    def _preview(self, track: Track) -> list[Draft]:
        """The preview of a passage whose plate is read well enough, unless it is more of another one."""
        passage = track.passage
        voted = self._drafting.ready(passage)
        if voted is None or self._seen_again(track, voted):
            return []
        other = self._remembered.open_part(self._tracker.tracks, track, voted)
        if other is not None:
            self._tracker.join(track, other)
            return []
        return self._drafting.preview(passage, voted)

    def _seen_again(self, track: Track, voted: Vote) -> bool:
        """A vehicle that something hid goes on as the passage that it was, its final given or not."""
        seen_now = [
            other.passage for other in self._tracker.tracks if other.shows_plate_at(self._stream.time_sec)
        ]
        earlier = self._remembered.seen_again(track.passage, voted, besides=seen_now)
        if earlier is None:
            return False
        earlier.absorb(track.passage)
        self._tracker.go_on_as(track, earlier)
        return True

    def _park(self, track: Track, sighting: Sighting, seen: Observation, offset: int) -> list[Draft]:
        """The event of a vehicle that stays. One whose plate was not read begins anew, so that it can
        still become an event when it moves on and shows its plate."""
        drafts = self._close_passage(track.passage)
        if track.passage.part_of is not None:
            self._tracker.go_on_as(track, track.passage.part_of)
        elif track.passage.given is not None:
            track.passage.parked = True
        else:
            track.passage = Passage.begun(sighting, seen, kept_reads=self._settings.kept_reads)
            track.passage.add(sighting, seen, offset, self._ways.get(sighting.camera, UNTOLD))
        return drafts

    def _left(self, passages: Sequence[Passage]) -> list[Draft]:
        self._over.leave(passages)
        return self._drafting.untold(passages)

    def _close(self, tracks: Iterable[Track]) -> list[Draft]:
        return [draft for track in tracks for draft in self._close_passage(track.passage)]

    def _close_passage(self, passage: Passage) -> list[Draft]:
        self._over.close(passage)
        drafts = self._drafting.final(passage, told=passage.last_offset >= self._settled_below)
        for draft in drafts:
            # Seen for so long, in one go or with others hiding it: it may stand there for hours.
            if draft.passage and draft.passage.lasted_sec >= self._settings.longest_sec:
                draft.passage.parked = True
        # Given before the restart: these sightings came again for the sake of others.
        return drafts if passage.last_offset >= self._settled_below else []
