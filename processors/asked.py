"""The camera file -> what the stages are told of each camera, always as the file is now."""

from __future__ import annotations

from processors.adapters.camera_book import Answers, CameraBook
from processors.cascade.regard import regard_of
from processors.passages.movement.ways import ways_of


class Asked:
    """`regards`: what is looked at; `places`: where a camera stands; `unread`: whether vehicles without a
    readable plate are events; `ways`: zones and lines that events name. By the camera's id."""

    def __init__(self, book: CameraBook) -> None:
        self.regards = Answers(book, regard_of)
        self.places = Answers(book, lambda camera: camera.place)
        self.unread = Answers(book, lambda camera: camera.unread_vehicles or None)
        self.ways = Answers(book, ways_of)
