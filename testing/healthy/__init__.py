"""Set-ups in which nothing is wrong, as people have them: tfwrap has nothing to say there and nothing to change.

A module of rows for each kind: keys and profiles, sessions that tools made, roles of machines and jobs, other places
than AWS, and modules of all kinds.
"""
