"""The composition root: the only package that knows every adapter, with one module for each process of the server.

Each process imports only its own module, so that one that was killed is back at once.
"""
