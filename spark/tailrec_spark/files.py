"""Files of the driver, whole or not at all: written beside their place, made durable, and put there by one rename."""

import os
from collections.abc import Callable
from typing import IO, Any


def write_whole(path: str, fill: Callable[[IO[bytes]], Any]) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
