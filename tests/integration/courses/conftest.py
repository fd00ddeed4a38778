from tests.integration.shops import shop

__all__ = ["shop"]
