"""What a process that reads other people's files may use: the system itself ends it where it needs more."""

import os
import resource

CPU_S, MEMORY, FILE_BYTES = 1200, 6 << 30, 12 << 30


def limited() -> None:
    """Hold this process to its limits; it yields to everything else."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    os.nice(10)
