"""The bridge: credentials for a profile that tfwrap can use and Terraform cannot.

Which those are, tfwrap.preflight.bridgeable says.

    served, facts = guarded.made(run, facts)      before the verdict: it looks at what was made
    with guarded.over(run) as bridged:            for as long as Terraform may run

Nothing of it is loaded where no consumer needs it. docs/bridge.md says how it works.
"""
