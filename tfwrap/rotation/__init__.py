"""A key that is to go live: read from wherever it lies, and looked at before anything depends on it.

    material = lookup.find(word, profile, environ)     the text that holds it, or raises Usage
    candidate = candidates.read(material)              the key in it, or raises Unfit
    examined = examine.examine(candidate, situation)   the checks, each with its evidence
    report.lines(examined, output), report.document(examined)

Nothing of the secret is ever in a message: only how long a value is, and what surrounds it.
"""
