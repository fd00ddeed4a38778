"""Why an account cannot be erased now.

Problem
└── Conflict 409
    └── ErasureWaits            money of one of its orders is on its way
"""

from core.problems import Conflict


class ErasureWaits(Conflict):
    """Money is on its way: without its receiver it could be neither fulfilled nor given back."""

    code = "erasure_waits"
    title = "This account cannot be erased yet."
