"""What a module says: its backend, AWS provider configurations, variables, locals and calls of other modules.

Nothing is evaluated here: an argument that is not a plain literal is `UNKNOWN` (`evaluation` goes further).
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.terraform import module_files, override
from tfwrap.terraform.block import Block
from tfwrap.terraform.expression import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A file without any of these words says nothing about the backend or a provider.
_SETTINGS = (b"backend", b"provider", b"cloud")
# Most files of a module hold resources only: to parse those as well would take five times as long.
_DECLARES = rb"(?m)^(?:.*\*/)?(?:\xef\xbb\xbf)?\s*(?:variable|locals|module|terraform|check)\b"
_USES = rb'(?m)^(?:.*\*/)?(?:\xef\xbb\xbf)?\s*(?:resource|data|ephemeral|list|action)\s+"?(aws_\w+)'


class Configuration(NamedTuple):
    """A module as far as AWS credentials are concerned. `problems` are files that could not be understood.

    `gaps` are further such files, which hold neither backend nor provider block, but perhaps a variable or a local.
    `locals` are expressions; `users` are the blocks that use a provider: resources, data sources and the like.
    """

    backend: Block | None = None
    providers: tuple[Block, ...] = ()
    problems: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    cloud: Block | None = None
    required_providers: Mapping[str, object] = {}
    variables: Mapping[str, Block] = {}
    locals: Mapping[str, object] = {}
    modules: Mapping[str, Block] = {}
    users: tuple[Block, ...] = ()

    @property
    def aws_names(self) -> frozenset[str]:
        """The local names of AWS providers: `aws`, and what `required_providers` calls one."""
        sources = {name: _source_type(name, said) for name, said in self.required_providers.items()}
        return frozenset(name for name, kind in {"aws": "aws", **sources}.items() if kind == "aws")


def read(directory: str, program: str = "terraform") -> Configuration:
    """The module in a directory, override files merged in last. Never raises for what the files hold."""
    found: list[tuple[str, Block]] = []
    overriding: list[tuple[str, Block]] = []
    problems: list[str] = []
    gaps: list[str] = []
    for path in module_files.of(directory, program):
        blocks, wrong, matters = _file(path)
        (overriding if module_files.is_override(path) else found).extend(blocks)
        (problems if matters else gaps).extend(wrong)
    return _of_aws(_module(found, overriding)._replace(problems=tuple(problems), gaps=tuple(gaps)))


def _file(path: str) -> tuple[list[tuple[str, Block]], list[str], bool]:
    """The blocks of a file, what is wrong with it, and whether it may speak of backends or providers."""
    try:
        content = module_files.content(path)
    except OSError as error:
        return [], [f"{path}: {error.strerror}"], True
    matters = any(word in content for word in _SETTINGS)
    if not matters and not _declares(path, content):
        return _users(path, content), [], False
    if len(content) > module_files.LARGEST:
        return [], [f"{path}: larger than tfwrap reads"], matters
    from tfwrap.terraform import hcl, hcljson

    try:
        items = list(hcljson.blocks(path, content) if path.endswith(".json") else hcl.blocks(path, content))
    except RecursionError:
        items = [f"{path}: nested deeper than tfwrap reads"]
    blocks = [item for item in items if not isinstance(item, str)]
    return blocks, [item for item in items if isinstance(item, str)], matters


def _declares(path: str, content: bytes) -> bool:
    """Whether a file may hold anything else than resources; JSON is quickly parsed."""
    import re

    return path.endswith(".json") or re.search(_DECLARES, content) is not None


def _users(path: str, content: bytes) -> list[tuple[str, Block]]:
    """One resource of AWS's, if there is any, of a file that never says "provider": all of them use the default."""
    import re

    found = re.search(_USES, content)
    if not found:
        return []
    line = content.count(b"\n", 0, found.start(1)) + 1
    return [("user", Block((found[1].decode("ascii", "replace"), ""), {}, f"{path}:{line}"))]


def _module(found: Sequence[tuple[str, Block]], overriding: Sequence[tuple[str, Block]]) -> Configuration:
    """Merge as Terraform does: of two plain blocks the first, of an override what it says (configs/module_merge.go)."""
    base, over = override.by_kind(found), override.by_kind(overriding)
    state = over.get("backend", [])[-1:] + over.get("cloud", [])[-1:]
    declared = state or base.get("backend", [])[:1] + base.get("cloud", [])[:1]
    clouds = [block for block in declared if not block.labels]
    return Configuration(
        backend=next((block for block in declared if block.labels), None),
        cloud=clouds[0] if clouds else None,
        providers=tuple(
            override.merged(base.get("provider", []), over.get("provider", []), override.by_alias).values()
        ),
        required_providers=override.expressions(
            base.get("required_providers", []) + over.get("required_providers", [])
        ),
        variables=override.merged(base.get("variable", []), over.get("variable", []), override.by_label),
        locals=override.expressions(base.get("locals", []) + over.get("locals", [])),
        modules=override.merged(base.get("module", []), over.get("module", []), override.by_label),
        users=tuple(base.get("user", []) + over.get("user", [])),
    )


def _of_aws(module: Configuration) -> Configuration:
    names = module.aws_names
    providers = tuple(block for block in module.providers if "".join(block.labels[:1]) in names)
    return module._replace(providers=providers, users=tuple(block for block in module.users if _uses(block, names)))


def _uses(block: Block, names: frozenset[str]) -> bool:
    """Whether a resource is one of AWS's: by the provider that it names, else by the first word of its type."""
    local, _ = provider_of(block)
    return local in names


def provider_of(block: Block) -> tuple[str, str]:
    """The local name and the alias of the provider configuration that a resource uses."""
    named = block.expressions.get("provider")
    if isinstance(named, Reference):
        return provider_reference(".".join(str(part) for part in named.path))
    if isinstance(named, str):
        return provider_reference(named)
    return "".join(block.labels[:1]).partition("_")[0], ""


def provider_reference(text: str) -> tuple[str, str]:
    """`aws.west` as a local name and an alias."""
    name, _, alias = text.partition(".")
    return name, alias


def _source_type(name: str, said: object) -> str:
    """The type that a provider's source ends in: `hashicorp/aws`, `registry.example/team/aws`; its name without one."""
    source = said.get("source") if isinstance(said, dict) else None
    return source.lower().rpartition("/")[2] if isinstance(source, str) else name
