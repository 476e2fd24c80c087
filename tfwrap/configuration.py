"""What the root module says: its backend block and its AWS provider blocks.

Read with the tree-sitter grammar for HCL, which keeps its bearings in a broken file and is twenty times faster
than python-hcl2 (docs/decisions.md). Nothing is evaluated: an argument that is not a plain literal is `UNKNOWN`.
"""

from __future__ import annotations

import errno
import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

SUFFIXES = (".tf", ".tf.json")
TOFU_SUFFIXES = (".tofu", ".tofu.json")
# A file this large is generated; what names the backend is written by hand. Parsing takes about a second per MB.
LARGEST = 1 << 20


class Unknown:
    """The value of an expression that only Terraform can evaluate."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()


class Block(NamedTuple):
    """A block: its labels, its arguments (plain values, nested objects or UNKNOWN) and where it stands."""

    labels: tuple[str, ...]
    arguments: dict[str, object]
    location: str

    def text(self, name: str) -> str:
        """An argument that is a literal string; empty for anything else."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else ""


class Configuration(NamedTuple):
    """The root module as far as AWS credentials are concerned. `problems` are files that could not be understood."""

    backend: Block | None = None
    providers: tuple[Block, ...] = ()
    problems: tuple[str, ...] = ()


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
    """The backend and AWS provider blocks of the module in a directory. Never raises for what the files hold."""
    found = Configuration()
    for path in module_files(directory, program):
        found = _with_file(found, path)
    return found


def _with_file(found: Configuration, path: str) -> Configuration:
    try:
        content = _content(path)
    except OSError as error:
        return found._replace(problems=(*found.problems, f"{path}: {error.strerror}"))
    if not any(word in content for word in (b"backend", b"provider", b"cloud")):
        return found
    if len(content) > LARGEST:
        return found._replace(problems=(*found.problems, f"{path}: larger than tfwrap reads"))
    try:
        blocks = list(_json_blocks(path, content) if path.endswith(".json") else _hcl_blocks(path, content))
    except RecursionError:
        blocks = [f"{path}: nested deeper than tfwrap reads"]
    return _with_blocks(found, path, blocks)


def _with_blocks(found: Configuration, path: str, blocks: list[tuple[str, Block] | str]) -> Configuration:
    """Override files (`override.tf`, `*_override.tf`) replace a backend block that came before."""
    backend, providers, problems = found.backend, list(found.providers), list(found.problems)
    stem = _stem(os.path.basename(path))
    is_override = stem == "override" or stem.endswith("_override")
    for item in blocks:
        if isinstance(item, str):
            problems.append(item)
        elif item[0] == "backend":
            backend = item[1] if backend is None or is_override else backend
        elif item[1].labels[:1] == ("aws",):
            providers.append(item[1])
    return Configuration(backend, tuple(providers), tuple(problems))


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


# HCL


def _hcl_blocks(path: str, content: bytes) -> Iterator[tuple[str, Block] | str]:
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    root = parser.parse(content.removeprefix(b"\xef\xbb\xbf")).root_node
    if root.has_error:
        yield f"{path}: does not parse as HCL"
    for node in _blocks_of(root):
        kind = _kind(node)
        if kind == "terraform" and not node.has_error:
            yield from (_block(path, child) for child in _blocks_of(node) if _kind(child) == "backend")
        elif kind == "provider":
            yield _block(path, node)


def _blocks_of(node: Node) -> list[Node]:
    bodies = [child for child in node.named_children if child.type == "body"]
    return [child for body in bodies for child in body.named_children if child.type == "block"]


def _kind(node: Node) -> str:
    return _text(node.named_children[0]) if node.named_children else ""


def _block(path: str, node: Node) -> tuple[str, Block]:
    names = [child for child in node.named_children if child.type in ("identifier", "string_lit")]
    kind, *labels = (_text(name).strip('"') for name in names) if names else ("",)
    arguments: dict[str, object] = {}
    for body in (child for child in node.named_children if child.type == "body"):
        for attribute in (child for child in body.named_children if child.type == "attribute"):
            name, value = attribute.named_children[0], attribute.named_children[-1]
            arguments[_text(name)] = _literal(value)
    for child in _blocks_of(node):
        nested_kind, nested = _block(path, child)
        arguments.setdefault(nested_kind, nested.arguments)
    return kind, Block(tuple(labels), arguments, f"{path}:{node.start_point[0] + 1}")


def _literal(node: Node) -> object:
    """The value of an expression that holds nothing to evaluate, else UNKNOWN."""
    if node.type in ("expression", "literal_value", "collection_value") and node.named_child_count == 1:
        return _literal(node.named_children[0])
    reader = _READERS.get(node.type)
    return reader(node) if reader and not node.has_error else UNKNOWN


def _string(node: Node) -> object:
    parts = [child for child in node.named_children if child.type == "template_literal"]
    if len(parts) + 2 < node.named_child_count:
        return UNKNOWN
    return _unescape("".join(_text(part) for part in parts))


def _unescape(text: str) -> object:
    """HCL's escapes are JSON's, with `$${` and `%%{` for a template marker that is meant as such."""
    import json

    plain = text.replace("$${", "${").replace("%%{", "%{")
    if "\\" not in plain:
        return plain
    try:
        return str(json.loads(f'"{plain}"'))
    except ValueError:
        return UNKNOWN


def _number(node: Node) -> object:
    text = _text(node)
    try:
        return int(text)
    except ValueError:
        return UNKNOWN


def _list(node: Node) -> object:
    return [_literal(child) for child in node.named_children if child.type == "expression"]


def _object(node: Node) -> object:
    pairs = [child.named_children for child in node.named_children if child.type == "object_elem"]
    return {_text(pair[0]).strip('"'): _literal(pair[-1]) for pair in pairs if len(pair) > 1}


_READERS = {
    "string_lit": _string,
    "numeric_lit": _number,
    "bool_lit": lambda node: _text(node) == "true",
    "null_lit": lambda _: None,
    "tuple": _list,
    "object": _object,
}


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


# JSON


def _json_blocks(path: str, content: bytes) -> Iterator[tuple[str, Block] | str]:
    import json

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        yield f"{path}: does not parse as JSON"
        return
    for root in document if isinstance(document, list) else [document]:
        for terraform in _objects(root, "terraform"):
            yield from (("backend", block) for block in _json_labelled(path, terraform, "backend"))
        yield from (("provider", block) for block in _json_labelled(path, root, "provider"))


def _json_labelled(path: str, parent: object, kind: str) -> Iterator[Block]:
    for by_label in _objects(parent, kind):
        for label in by_label:
            for arguments in _objects(by_label, label):
                known = {name: _json_value(value) for name, value in arguments.items() if name != "//"}
                yield Block((label,), known, path)


def _objects(parent: object, name: str) -> list[dict[str, object]]:
    """In JSON a block may be one object or a list of them."""
    value = parent.get(name) if isinstance(parent, dict) else None
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _json_value(value: object) -> object:
    if isinstance(value, str) and ("${" in value or "%{" in value):
        return UNKNOWN
    return value
