"""What one call of a JavaScript codec may use."""

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Limits of one call: of a vendor's codec that decodes 50 bytes, none comes near them.

    `cpu_seconds` is kept by the engine, between two JavaScript instructions. `wall_seconds` is kept by the kernel,
    which ends the process: for built-in functions that never ask, like the sorting of a huge array. Sizes are in bytes;
    `process_bytes` bounds the address space of a worker process.
    """

    cpu_seconds: float = 0.1
    wall_seconds: float = 1.0
    memory_bytes: int = 16 * 1024 * 1024
    stack_bytes: int = 256 * 1024
    answer_bytes: int = 64 * 1024
    answer_depth: int = 32
    process_bytes: int = 512 * 1024 * 1024
