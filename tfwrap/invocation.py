"""What was typed: the subcommand, its options, the root module, and what the command needs of AWS.

The table of commands is checked against `terraform -help` of every version at hand and against the table in
`shims/shim.bash`, which decides the plain cases without starting Python.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTHING = ""
BACKEND = "backend"
PROVIDERS = "providers"
BOTH = "backend and providers"

# What a command reads with AWS credentials (tried, command by command, with bad backend and bad provider keys).
# A name that is not here is one that tfwrap does not know: it passes straight through.
NEEDS = {
    "0.12upgrade": NOTHING,
    "0.13upgrade": NOTHING,
    "apply": BOTH,
    "console": BACKEND,
    "debug": NOTHING,
    "destroy": BOTH,
    "env": NOTHING,
    "env delete": BACKEND,
    "env list": BACKEND,
    "env new": BACKEND,
    "env select": BACKEND,
    "fmt": NOTHING,
    "force-unlock": BACKEND,
    "get": NOTHING,
    "graph": BACKEND,
    "import": BOTH,
    "init": BACKEND,
    "login": NOTHING,
    "logout": NOTHING,
    "metadata": NOTHING,
    "metadata functions": NOTHING,
    "modules": NOTHING,
    "output": BACKEND,
    "plan": BOTH,
    "providers": BACKEND,
    "providers lock": NOTHING,
    "providers mirror": NOTHING,
    "providers schema": BACKEND,
    "push": NOTHING,
    "query": BOTH,
    "refresh": BOTH,
    "show": BACKEND,
    "stacks": NOTHING,
    "state": NOTHING,
    "state identities": BACKEND,
    "state list": BACKEND,
    "state ls": BACKEND,
    "state move": BACKEND,
    "state mv": BACKEND,
    "state pull": BACKEND,
    "state push": BACKEND,
    "state remove": BACKEND,
    "state replace-provider": BACKEND,
    "state rm": BACKEND,
    "state show": BACKEND,
    "taint": BACKEND,
    "test": PROVIDERS,
    "untaint": BACKEND,
    "validate": NOTHING,
    "version": NOTHING,
    "workspace": NOTHING,
    "workspace delete": BACKEND,
    "workspace list": BACKEND,
    "workspace new": BACKEND,
    "workspace select": BACKEND,
    "workspace show": NOTHING,
}

_HELP = ("-h", "-help", "--help")
_VERSION = ("-v", "-version", "--version")

# Options of Terraform's that take the next argument as their value (Go's flag package allows `-x v` and `-x=v`).
_TAKES_VALUE = frozenset(
    (
        "backend-config",
        "backup",
        "backup-out",
        "cloud-run",
        "config",
        "exclude",
        "filter",
        "from-module",
        "generate-config-out",
        "id",
        "invoke",
        "junit-xml",
        "lock-timeout",
        "lockfile",
        "module",
        "module-depth",
        "net-mirror",
        "fs-mirror",
        "out",
        "parallelism",
        "plan",
        "platform",
        "plugin-dir",
        "provider",
        "replace",
        "state",
        "state-out",
        "target",
        "test-directory",
        "type",
        "var",
        "var-file",
    )
)

_TAKES_DIRECTORY = ("apply", "console", "destroy", "graph", "init", "plan", "refresh")


class Invocation(NamedTuple):
    """One command line of Terraform's, understood.

    `directory` is the root module (after `-chdir`, or an old Terraform's DIR argument), `working_directory` where
    Terraform itself works, `data_dir` what stands for `.terraform`; all absolute.
    """

    program: str
    argv: tuple[str, ...]
    chdir: str | None
    command: str
    options: tuple[str, ...]
    positional: tuple[str, ...]
    working_directory: str
    directory: str
    data_dir: str

    @property
    def needs(self) -> str:
        """What the command reads with AWS credentials: a value of the table NEEDS."""
        if self.command == "show" and self.positional:
            return NOTHING
        return NEEDS.get(self.command, NOTHING)

    @property
    def plan_file(self) -> str | None:
        """The saved plan that `apply` was given, absolute."""
        if self.command != "apply" or not self.positional:
            return None
        path = os.path.join(self.working_directory, self.positional[-1])
        return None if os.path.isdir(path) else path

    @property
    def shown_from(self) -> str:
        """The directory that relative paths in messages start from; empty where the user is somewhere else."""
        return self.working_directory if self.chdir is None else ""

    def has(self, option: str) -> bool:
        """Whether an option is switched on (`-json`, `--json`, `-json=true`)."""
        return self.value(option) in ("", "true", "1", "t", "T", "TRUE", "True")

    def value(self, option: str) -> str | None:
        """The value of the option's last mention, empty for one without a value, None where it is not there."""
        values = self.values(option)
        return values[-1] if values else None

    def values(self, option: str) -> list[str]:
        """Every value that an option was given, in order (`-backend-config` may come many times)."""
        pairs = (text.lstrip("-").partition("=") for text in self.options)
        return [value for name, _, value in pairs if name == option]


def read(program: str, argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> Invocation:
    """Understand a command line. Never fails: what Terraform would refuse, it gets to refuse itself."""
    words = tuple(argv)
    chdir, start = _global_options(words)
    command, rest = _command(words[start:])
    arguments = _with_cli_args(command, rest, environ)
    options, positional = _options(arguments)
    if start == len(words) or _asks_for_help((*words[:start], *arguments)):
        command = ""
    working = os.path.normpath(os.path.join(cwd, chdir or ""))
    data_dir = os.path.join(working, environ.get("TF_DATA_DIR") or ".terraform")
    directory = _module_directory(working, positional) if command in _TAKES_DIRECTORY else working
    return Invocation(program, words, chdir, command, options, positional, working, directory, data_dir)


def _global_options(words: tuple[str, ...]) -> tuple[str | None, int]:
    """`-chdir=DIR` counts only before the subcommand (terraform main.go, extractChdirOption).

    An empty word is passed over in the search for the subcommand, and behind `--` there is none (both tried).
    """
    chdir = None
    for place, word in enumerate(words):
        if word == "--":
            break
        if word and not word.startswith("-"):
            return chdir, place
        if word.startswith("-chdir="):
            chdir = word.removeprefix("-chdir=")
    return chdir, len(words)


def _command(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    pair = " ".join(words[:2])
    if pair in NEEDS and len(words) > 1:
        return pair, words[2:]
    return (words[0] if words else ""), words[1:]


def _asks_for_help(words: tuple[str, ...]) -> bool:
    """Help is looked for before `--` (mitchellh/cli), the version anywhere (terraform main.go; both tried)."""
    end = words.index("--") if "--" in words else len(words)
    return any(word in _HELP for word in words[:end]) or any(word in _VERSION for word in words)


def _with_cli_args(command: str, rest: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, ...]:
    """TF_CLI_ARGS_<command>, then TF_CLI_ARGS, go before what was typed (terraform main.go, mergeEnvArgs; tried).

    Each is put right behind the subcommand, TF_CLI_ARGS first: so of two values the general one wins.
    """
    names = ("TF_CLI_ARGS_" + command.replace("-", "_").replace(" ", "_"), "TF_CLI_ARGS")
    texts = [environ[name] for name in names if environ.get(name)]
    if not texts:
        return rest
    import shlex

    extra: list[str] = []
    for text in texts:
        try:
            extra += shlex.split(text)
        except ValueError:  # an open quote: Terraform refuses it with its own words
            continue
    return (*extra, *rest)


def _options(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    options: list[str] = []
    positional: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            positional += rest
        elif not word.startswith("-") or word == "-":
            positional.append(word)
        elif "=" not in word and word.lstrip("-") in _TAKES_VALUE:
            options.append(f"{word}={next(rest, '')}")
        else:
            options.append(word)
    return tuple(options), tuple(positional)


def _module_directory(working: str, positional: tuple[str, ...]) -> str:
    """Terraform before 0.15 takes the root module's directory as an argument: `terraform plan DIR`."""
    last = os.path.join(working, positional[-1]) if positional else working
    return os.path.normpath(last) if os.path.isdir(last) else working
