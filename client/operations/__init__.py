"""The operations of the API that the client uses, with their models. Generated."""
