"""Combinations of environment, shared files, block arguments, saved backend and version, run through the real
Terraform against the stand: which key signed the first request, and which roles were assumed with it.

Every key of a combination has an id of its own, so that the stand's journal tells where it was found.
"""
