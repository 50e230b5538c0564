"""How full a car park is, from the free places and all of them."""


def free_of(free: int, total: int) -> int | None:
    """as it is, at most all places"""
    if free > total:
        raise ValueError(f"{free} free places are more than the {total} there are")
    return free if total > 0 else None


def occupied_of(free: int, total: int) -> int | None:
    """all places - free"""
    known = free_of(free, total)
    return None if known is None else total - known


def share_of(free: int, total: int) -> float | None:
    """(all places - free) / all places"""
    occupied = occupied_of(free, total)
    return None if occupied is None else round(occupied / total, 4)
