from __future__ import annotations

from kg.serve._cache import Cache, Kept


def kept(size: int) -> Kept:
    return Kept("b", "text/csv", b"x" * size)


def test_the_replies_used_last_stay() -> None:
    cache: Cache[str, Kept] = Cache(80_000)
    for name in "abcdefghijklmnopqrstuvwxyz":
        cache.put(name, kept(3_500))
        assert cache.get("a")
    held = [name for name in "abcdefghijklmnopqrstuvwxyz" if cache.get(name)]
    assert held == ["a", *"hijklmnopqrstuvwxyz"]
    assert (cache.bytes, cache.hits, cache.misses) == (80_000, 26 + 20, 6)


def test_what_is_large_or_there_already_is_not_taken() -> None:
    cache: Cache[str, Kept] = Cache(16_000)
    cache.put("large", kept(501))
    assert cache.get("large") is None
    cache.put("small", kept(500))
    cache.put("small", kept(400))
    found = cache.get("small")
    assert found and (len(found.content), cache.bytes) == (500, 1_000)
    cache.clear()
    assert (cache.get("small"), cache.bytes) == (None, 0)
