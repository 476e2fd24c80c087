"""`NamedTuple` without the cost of importing `typing`.

`import typing` takes as long as all of tfwrap's own start (docs/architecture.md, "The fast path"), and a shim pays
for it at every run. Modules of the fast path import this one instead; type checkers are shown the real thing.
"""

from __future__ import annotations

from _operator import itemgetter  # `operator` itself costs a file read more

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - re-exported
else:

    class _RecordType(type):
        """Turns annotated names into the fields of a tuple class, as `typing.NamedTuple` does."""

        def __new__(mcs, name, bases, namespace):
            if not bases:
                return super().__new__(mcs, name, (tuple,), {**namespace, "__slots__": ()})
            fields = tuple(namespace.pop("__annotations__", ()))
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            getters = {field: property(itemgetter(place)) for place, field in enumerate(fields)}
            extra = {"__slots__": (), "_fields": fields, "_field_defaults": defaults}
            return super().__new__(mcs, name, bases, {**namespace, **getters, **extra})

    class NamedTuple(metaclass=_RecordType):
        """A tuple with named fields; the part of `typing.NamedTuple` that tfwrap uses."""

        def __new__(cls, *values, **named):
            rest = cls._fields[len(values) :]
            try:
                filled = [named.pop(field) if field in named else cls._field_defaults[field] for field in rest]
            except KeyError as missing:
                raise TypeError(f"{cls.__name__}: no value for {missing}") from None
            if named or len(values) > len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {cls._fields}, got also {sorted(named) or values}")
            return tuple.__new__(cls, (*values, *filled))

        def __repr__(self):
            fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self):  # copy and pickle would hand the whole tuple to the first field
            return tuple(self)

        def _replace(self, **changes):
            return type(self)(**{**self._asdict(), **changes})

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))
