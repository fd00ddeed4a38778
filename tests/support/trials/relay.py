"""The relay with the trial kind, for `python -m tests.support.trials.relay`."""

from tests.support.trials import known
from workers.relay import main

__all__ = ["known", "main"]

if __name__ == "__main__":
    main()
