"""Starts the Stripe emulator with keys from the environment: every local user can read a command line."""

import os
import sys

from emulators.stripe.__main__ import main

if __name__ == "__main__":
    sys.argv += [
        f"--secret-key={os.environ['AULA_STRIPE_SECRET_KEY']}",
        f"--webhook-secret={os.environ['AULA_STRIPE_WEBHOOK_SECRET']}",
    ]
    main()
