"""What a mapping remembers from one object to the next."""

from mappings.shelf import Recent, in_memory


def test_a_shelf_in_memory_keeps_the_order_of_its_keys() -> None:
    shelf = in_memory(str)
    shelf["b"] = "1"
    shelf["a"] = "2"
    shelf["b"] = "3"

    assert list(shelf.items()) == [("b", "3"), ("a", "2")]


def test_a_recent_memory_never_grows_beyond_its_limit() -> None:
    memory = Recent()
    for number in range(3 * Recent.limit):
        memory[number] = number

    assert len(memory) <= Recent.limit
    assert memory[3 * Recent.limit - 1] == 3 * Recent.limit - 1
