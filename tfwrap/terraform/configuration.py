"""What a module says: its backend, AWS provider configurations, variables, locals and calls of other modules.

Nothing is evaluated here: an argument that is not a plain literal is `UNKNOWN` (`evaluation` goes further).
"""

from __future__ import annotations

import errno
import os

from tfwrap.lean import NamedTuple
from tfwrap.terraform import override
from tfwrap.terraform.block import Block
from tfwrap.terraform.expression import UNKNOWN, Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["UNKNOWN", "Block", "Configuration", "mentions_aws", "module_files", "paths", "read"]

SUFFIXES = (".tf", ".tf.json")
TOFU_SUFFIXES = (".tofu", ".tofu.json")
# A file this large is generated; what names the backend is written by hand. Parsing takes about a second per MB.
LARGEST = 1 << 20
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
    required_version: tuple[str, ...] = ()
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

    @property
    def required_aws(self) -> tuple[str, str]:
        """The source and the version constraint of the AWS provider, empty where nothing is said."""
        said = next((self.required_providers[name] for name in self.aws_names & self.required_providers.keys()), "")
        if isinstance(said, dict):
            source, version = said.get("source"), said.get("version")
            return source if isinstance(source, str) else "", version if isinstance(version, str) else ""
        return "", said if isinstance(said, str) else ""  # before 0.13: `aws = "~> 2.0"`


def mentions_aws(directory: str, data_dir: str) -> bool:
    """Whether anything that Terraform reads here could mean AWS: the text of the module, the saved backend, the lock.

    A quick look at bytes, wrong only on the safe side: a module that never says "aws" nor "s3" uses neither.
    """
    return any(_has_word(path) for path in paths(directory, data_dir)[1:])


def paths(directory: str, data_dir: str) -> list[str]:
    """What `mentions_aws` and `read` look at, the module's directory first: a change of it is a file more or less."""
    fixed = (os.path.join(directory, ".terraform.lock.hcl"), os.path.join(data_dir, "terraform.tfstate"))
    return [directory, *(os.path.join(directory, name) for name in _names(directory)), *fixed]


def module_files(directory: str, program: str = "terraform") -> list[str]:
    """The configuration files of a module, by name. OpenTofu reads `.tofu` too, instead of a `.tf` of the same name."""
    names = _names(directory)
    if program == "tofu":
        hidden = {f"{_stem(name)}.tf" for name in names if name.endswith(".tofu")}
        hidden |= {f"{_stem(name)}.tf.json" for name in names if name.endswith(".tofu.json")}
        chosen = [name for name in names if name not in hidden]
    else:
        chosen = [name for name in names if name.endswith(SUFFIXES)]
    candidates = (os.path.join(directory, name) for name in chosen)
    return [path for path in candidates if not os.path.isdir(path)]


def _names(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [name for name in names if name.endswith((*SUFFIXES, *TOFU_SUFFIXES)) and not name.startswith(".")]


def read(directory: str, program: str = "terraform") -> Configuration:
    """The module in a directory, override files merged in last. Never raises for what the files hold."""
    found: list[tuple[str, Block]] = []
    overriding: list[tuple[str, Block]] = []
    problems: list[str] = []
    gaps: list[str] = []
    for path in module_files(directory, program):
        blocks, wrong, matters = _file(path)
        (overriding if _is_override(path) else found).extend(blocks)
        (problems if matters else gaps).extend(wrong)
    return _of_aws(_module(found, overriding)._replace(problems=tuple(problems), gaps=tuple(gaps)))


def _file(path: str) -> tuple[list[tuple[str, Block]], list[str], bool]:
    """The blocks of a file, what is wrong with it, and whether it may speak of backends or providers."""
    try:
        content = _content(path)
    except OSError as error:
        return [], [f"{path}: {error.strerror}"], True
    matters = any(word in content for word in _SETTINGS)
    if not matters and not _declares(path, content):
        return _users(path, content), [], False
    if len(content) > LARGEST:
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


def _is_override(path: str) -> bool:
    stem = _stem(os.path.basename(path))
    return stem == "override" or stem.endswith("_override")


def _module(found: Sequence[tuple[str, Block]], overriding: Sequence[tuple[str, Block]]) -> Configuration:
    """Merge as Terraform does: of two plain blocks the first, of an override what it says (configs/module_merge.go)."""
    base, over = override.by_kind(found), override.by_kind(overriding)
    state = over.get("backend", [])[-1:] + over.get("cloud", [])[-1:]
    declared = state or base.get("backend", [])[:1] + base.get("cloud", [])[:1]
    clouds = [block for block in declared if not block.labels]
    versions = override.versions(over.get("terraform", [])) or override.versions(base.get("terraform", []))
    return Configuration(
        backend=next((block for block in declared if block.labels), None),
        cloud=clouds[0] if clouds else None,
        providers=tuple(
            override.merged(base.get("provider", []), over.get("provider", []), override.by_alias).values()
        ),
        required_version=versions,
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


def _stem(name: str) -> str:
    return next(name.removesuffix(end) for end in (*TOFU_SUFFIXES, *SUFFIXES) if name.endswith(end))


def _content(path: str) -> bytes:
    """The bytes of a regular file: to open a named pipe is to wait for its writer."""
    if not os.path.isfile(path) and os.path.exists(path):
        raise OSError(errno.EINVAL, "is not a regular file")
    with open(path, "rb", buffering=0) as file:
        return file.read(LARGEST + 1)


def _has_word(path: str) -> bool:
    try:
        content = _content(path).lower()
    except OSError:
        return False
    return len(content) > LARGEST or b"aws" in content or b"s3" in content
