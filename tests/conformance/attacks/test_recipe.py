"""What a recipe makes."""

import gzip
import zlib

import pytest

from conformance.attacks.recipe import Part, Recipe, cooked

RECIPES = {
    "parts in order": (Recipe(part=(Part(text="a"), Part(text="b", times=3), Part(hex="ff00"))), b"abbb\xff\x00"),
    "ranked": (Recipe(part=(Part(text="<p{rank}/>", times=3, ranked=True),)), b"<p0/><p1/><p2/>"),
    "another encoding": (Recipe(part=(Part(text="é", times=2),), encoding="utf-16-le"), b"\xe9\x00\xe9\x00"),
    "cut": (Recipe(part=(Part(text="abcdef"),), cut=2), b"abcd"),
    "length of what follows the head": (
        Recipe(part=(Part(text="abc"),), head="Content-Length: {length}\r\n\r\n"),
        b"Content-Length: 3\r\n\r\nabc",
    ),
}


@pytest.mark.parametrize(("recipe", "made"), RECIPES.values(), ids=RECIPES)
def test_a_recipe(recipe: Recipe, made: bytes) -> None:
    assert cooked(recipe) == made


def test_layers() -> None:
    once = cooked(Recipe(part=(Part(text="abc"),), layers=1, compression="deflate"))
    twice = cooked(Recipe(part=(Part(text="abc"),), layers=2))

    assert zlib.decompress(once) == b"abc"
    assert gzip.decompress(gzip.decompress(twice)) == b"abc"
