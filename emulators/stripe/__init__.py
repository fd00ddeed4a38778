"""A local Stripe: the part of the API that Aula uses, a checkout page, and signed webhook deliveries."""
