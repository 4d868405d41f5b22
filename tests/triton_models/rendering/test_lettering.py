from __future__ import annotations

import numpy as np

from triton_models.rendering.faces import ALL_FACES, glyph
from triton_models.rendering.lettering import _row, lettering


def test_the_same_seed_writes_the_same() -> None:
    one, other = lettering(np.random.default_rng(5)), lettering(np.random.default_rng(5))
    assert np.array_equal(one.image, other.image)
    assert np.array_equal(one.cover, other.cover)


def test_boards_cover_all_and_paint_only_its_strokes() -> None:
    rng = np.random.default_rng(6)
    shares = []
    for _ in range(60):
        piece = lettering(rng)
        assert piece.image.shape[:2] == piece.cover.shape
        assert piece.cover.min() >= 0
        assert piece.cover.max() <= 1
        assert piece.image.std() > 2
        shares.append(float(piece.cover.mean()))
    boards = sum(share == 1.0 for share in shares)
    assert 30 <= boards <= 54
    assert all(0.02 < share < 0.7 for share in shares if share < 1.0)


def test_a_sign_that_a_typeface_does_not_have_leaves_room() -> None:
    lacking = [face for face in ALL_FACES if not glyph(face, "%").mask.size]
    assert lacking
    for face in lacking:
        assert np.array_equal(_row("5%5", face, 40), _row("5 5", face, 40))
