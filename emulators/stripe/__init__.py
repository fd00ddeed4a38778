"""A local Stripe: the part of the API Aula uses, a pay page, and signed webhook deliveries."""
