"""Finals against what truly passed, by where their plates stood: was each vehicle followed as one, and alone?

Text plays no part in it: a misread vehicle may have been followed perfectly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.messages.common import Corners, PlateColour
from processors.passages.observations import box_of, overlap
from triton_models.rendering.truth import FilmTruth, PassageTruth

FEWEST_LEGIBLE_FRAMES = 3
"""A vehicle whose plate is legible in fewer of the frames looked at need not be found."""
_SAME_PLATE_IOU = 0.25
_FRAME_SEC = 0.06
# One read of another vehicle is an accident of one frame; two are two vehicles in one event.
_MIXED_READS = 2
_COMMON = ("white", "yellow")
_LATE_SEC = 0.5 + 0.2
"""Half a second, and a frame of five a second."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The last final of one event: its text and colour, what its clearest frame and one of middling clarity
    say alone, where its reads stood, each at a second of the film, and until when its vehicle is said to be
    seen."""

    text: str
    colour: PlateColour
    text_of_best_frame: str
    text_of_middle_frame: str
    reads: tuple[tuple[float, Corners], ...]
    last_sec: float


@dataclass(frozen=True, kw_only=True)
class Following:
    """Counts of passages (`once`, `never`, `exact`, `exact_of_…_frame`; `coloured`: with a final in its
    plate's colour, `rare`: whose plate is neither white nor yellow) and of finals (`double`: beyond the first
    for one vehicle, `mixed`: of two vehicles, `strange`: of none, `late`: that end long after their vehicle
    has left the picture)."""

    passed: int = 0
    once: int = 0
    never: int = 0
    double: int = 0
    mixed: int = 0
    strange: int = 0
    late: int = 0
    exact: int = 0
    exact_of_best_frame: int = 0
    exact_of_middle_frame: int = 0
    coloured: int = 0
    rare: int = 0
    rare_coloured: int = 0
    remarks: tuple[str, ...] = ()

    def __add__(self, other: Following) -> Following:
        return Following(
            passed=self.passed + other.passed,
            once=self.once + other.once,
            never=self.never + other.never,
            double=self.double + other.double,
            mixed=self.mixed + other.mixed,
            strange=self.strange + other.strange,
            late=self.late + other.late,
            exact=self.exact + other.exact,
            exact_of_best_frame=self.exact_of_best_frame + other.exact_of_best_frame,
            exact_of_middle_frame=self.exact_of_middle_frame + other.exact_of_middle_frame,
            coloured=self.coloured + other.coloured,
            rare=self.rare + other.rare,
            rare_coloured=self.rare_coloured + other.rare_coloured,
            remarks=self.remarks + other.remarks,
        )


def follow(truth: FilmTruth, finals: Sequence[Followed]) -> Following:
    """What became of every passage of one film."""
    wanted = {
        passage.passage: passage
        for passage in truth.passages
        if passage.legible_frames >= FEWEST_LEGIBLE_FRAMES
    }
    every = {passage.passage: passage for passage in (*truth.passages, *truth.illegible)}
    of: dict[str, list[Followed]] = {name: [] for name in every}
    mixed: list[str] = []
    strange: list[str] = []
    for final in finals:
        shown = _vehicles_of(final, every)
        if not shown:
            strange.append(f"{truth.camera}: {final.text} is no vehicle of the film")
            continue
        (name, _), *others = shown.most_common()
        of[name].append(final)
        if others and others[0][1] >= _MIXED_READS:
            mixed.append(f"{truth.camera}: {final.text} is of {name} and of {others[0][0]}: {dict(shown)}")
    never = [f"{truth.camera}: {_named(wanted[name])} has no final" for name in wanted if not of[name]]
    double = [
        f"{truth.camera}: {_named(every[name])} has {len(found)} finals: {[each.text for each in found]}"
        for name, found in of.items()
        if len(found) > 1
    ]
    late = _late(truth.camera, every, of)
    return Following(
        passed=len(wanted),
        once=sum(len(of[name]) == 1 for name in wanted),
        never=len(never),
        double=sum(max(0, len(found) - 1) for found in of.values()),
        mixed=len(mixed),
        strange=len(strange),
        late=len(late),
        exact=_any_with(wanted, of, lambda final: final.text),
        exact_of_best_frame=_any_with(wanted, of, lambda final: final.text_of_best_frame),
        exact_of_middle_frame=_any_with(wanted, of, lambda final: final.text_of_middle_frame),
        remarks=(*never, *double, *mixed, *late, *_misread(truth.camera, wanted, of), *strange),
    ) + _colours(truth.camera, wanted, of)


def _any_with(
    wanted: Mapping[str, PassageTruth],
    of: Mapping[str, Sequence[Followed]],
    text: Callable[[Followed], str],
) -> int:
    """How many passages have a final of which this text is theirs."""
    return sum(any(text(each) == passage.text for each in of[name]) for name, passage in wanted.items())


def _colours(
    camera: str, wanted: Mapping[str, PassageTruth], of: Mapping[str, Sequence[Followed]]
) -> Following:
    """Who is told in the plate's colour, and as what the others are."""
    told = {name: {each.colour for each in of[name]} for name in wanted}
    right = {name for name, passage in wanted.items() if passage.plate_colour in told[name]}
    rare = {name for name, passage in wanted.items() if passage.plate_colour not in _COMMON}
    return Following(
        coloured=len(right),
        rare=len(rare),
        rare_coloured=len(rare & right),
        remarks=tuple(
            f"{camera}: {_named(passage)} is {passage.plate_colour}, told {' and '.join(sorted(told[name]))}"
            for name, passage in wanted.items()
            if told[name] and name not in right
        ),
    )


def _late(camera: str, every: Mapping[str, PassageTruth], of: Mapping[str, Sequence[Followed]]) -> list[str]:
    gone = {name: passage.frames[-1].time_sec for name, passage in every.items() if of[name]}
    return [
        f"{camera}: {_named(every[name])} left at {at_sec:.1f} s, {each.text} ends at {each.last_sec:.1f} s"
        for name, at_sec in gone.items()
        for each in of[name]
        if each.last_sec > at_sec + _LATE_SEC
    ]


def _misread(
    camera: str, wanted: Mapping[str, PassageTruth], of: Mapping[str, Sequence[Followed]]
) -> list[str]:
    return [
        f"{camera}: {_named(passage)} is read {' and '.join(each.text for each in of[name])}, "
        f"in the clearest frame {' and '.join(each.text_of_best_frame for each in of[name])}"
        for name, passage in wanted.items()
        if of[name] and all(each.text != passage.text for each in of[name])
    ]


def _vehicles_of(final: Followed, passages: Mapping[str, PassageTruth]) -> Counter[str]:
    """How many reads of a final stood on the plate of each vehicle."""
    found: Counter[str] = Counter()
    for at_sec, corners in final.reads:
        best = max(
            ((_overlap(corners, at_sec, passage), name) for name, passage in passages.items()),
            default=(0.0, ""),
        )
        if best[0] >= _SAME_PLATE_IOU:
            found[best[1]] += 1
    return found


def _overlap(corners: Corners, at_sec: float, passage: PassageTruth) -> float:
    seen = next((each for each in passage.frames if abs(each.time_sec - at_sec) < _FRAME_SEC), None)
    if seen is None or seen.corners is None:
        return 0.0
    return overlap(box_of(corners), box_of(seen.corners))


def _named(passage: PassageTruth) -> str:
    return (
        f"{passage.passage} {passage.text} ({passage.vehicle}, {passage.first_sec:.1f} to "
        f"{passage.last_sec:.1f} s, {passage.legible_frames} frames)"
    )
