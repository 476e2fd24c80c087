#!/bin/sh
# Install tfwrap from the checkout that this file lies in, or take it away again. `./install.sh --help` says how.
# POSIX sh: runs under dash, bash, busybox ash and zsh.

if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set -u

usage() {
  cat <<'END'
Usage: ./install.sh [--prefix DIR] [--no-modify-path] [--demo]
       ./install.sh --uninstall [--prefix DIR]
       ./install.sh --help

Installs tfwrap into DIR (default: ${XDG_DATA_HOME:-$HOME/.local/share}/tfwrap):
  DIR/venv     tfwrap and what it needs, apart from every other Python on the machine
  DIR/shims    `terraform` and `tofu`, to be put first on PATH
  DIR/bin      the command `tfwrap`
Run it again to upgrade or to repair. Nothing outside DIR is changed.

  --prefix DIR      install there
  --no-modify-path  leave shell start-up files alone (this version never changes them)
  --demo            also install what `tfwrap demo` needs, and run it
  --uninstall       remove what was installed into DIR, and nothing else
  --help            this text
END
}

say() {
  printf '%s\n' "$1"
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

misused() {
  printf 'install.sh: %s (see ./install.sh --help)\n' "$1" >&2
  exit 2
}

main() {
  unset CDPATH PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE
  action=install demo='' prefix=''
  read_arguments "$@"
  settle_prefix
  if [ "$action" = uninstall ]; then
    uninstall
  else
    find_checkout
    install
  fi
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix)
        prefix=${2-}
        [ -n "$prefix" ] || misused '--prefix needs a directory'
        shift
        ;;
      --prefix=*)
        prefix=${1#--prefix=}
        [ -n "$prefix" ] || misused '--prefix needs a directory'
        ;;
      --no-modify-path) ;; # start-up files are not changed yet
      --demo) demo=yes ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) misused "unknown option: $1" ;;
    esac
    shift
  done
}

# Everything below works with an absolute path that can stand on PATH.
settle_prefix() {
  if [ -z "$prefix" ]; then
    case ${XDG_DATA_HOME-} in
      /*) prefix=$XDG_DATA_HOME/tfwrap ;; # a relative one counts as unset (XDG Base Directory Specification)
      *)
        [ -n "${HOME-}" ] || fail 'HOME is not set, so there is no default place: say where with --prefix DIR'
        prefix=$HOME/.local/share/tfwrap
        ;;
    esac
  fi
  case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
  esac
  while [ "$prefix" != / ] && [ "${prefix%/}" != "$prefix" ]; do prefix=${prefix%/}; done
  case $prefix in
    /) fail 'the prefix cannot be /: choose a directory of its own with --prefix DIR' ;;
    *:*) fail "the prefix $prefix has a colon in it, and such a directory cannot stand on PATH: choose another" ;;
    *'
'*) fail 'the prefix has a line break in it: choose another' ;;
  esac
  stamp=$prefix/tfwrap-install.txt
  venv=$prefix/venv
}

find_checkout() {
  checkout=$(cd -P -- "$(dirname -- "$0")" 2>/dev/null && pwd) || checkout=''
  if [ ! -f "$checkout/shims/shim.bash" ] || [ ! -f "$checkout/pyproject.toml" ]; then
    fail "$0 does not lie in a checkout of tfwrap: clone the repository and run its ./install.sh"
  fi
}

# Install

install() {
  refuse_what_is_not_ours
  find_python
  make_prefix
  make_venv
  install_package
  write_shims
  link_command
  say "tfwrap is installed in $prefix."
  print_path_line
  if [ -n "$demo" ]; then
    exec "$prefix/bin/tfwrap" demo
  fi
}

is_stamped() {
  [ -f "$stamp" ] && IFS= read -r line <"$stamp" && [ "$line" = 'tfwrap was installed here by its install.sh.' ]
}

is_shim() {
  [ -f "$1" ] && head -c 400 "$1" 2>/dev/null | grep -q tfwrap-shim-marker
}

is_our_link() {
  [ -L "$prefix/bin/tfwrap" ] && [ "$(readlink "$prefix/bin/tfwrap")" = ../venv/bin/tfwrap ]
}

exists() {
  [ -e "$1" ] || [ -L "$1" ]
}

refuse_what_is_not_ours() {
  for directory in "$prefix" "$prefix/shims" "$prefix/bin"; do
    if exists "$directory" && [ ! -d "$directory" ]; then
      fail "$directory is not a directory: move it away, or choose another place with --prefix DIR"
    fi
  done
  if exists "$venv" && { [ -L "$venv" ] || ! is_stamped; }; then
    refuse "$venv"
  fi
  for program in terraform tofu; do
    if exists "$prefix/shims/$program" && ! is_shim "$prefix/shims/$program"; then
      refuse "$prefix/shims/$program"
    fi
  done
  if exists "$prefix/bin/tfwrap" && ! is_our_link; then
    refuse "$prefix/bin/tfwrap"
  fi
}

refuse() {
  fail "$1 was not made by tfwrap's installer: move it away, or choose another place with --prefix DIR"
}

# Sets `python` to a real interpreter: a version manager's shim costs 80 ms at every start.
find_python() {
  python='' old='' bare=''
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    candidate=$(real_interpreter "$name") || continue
    case $candidate in
      old\ *) old=${old:-", only $name, which is ${candidate#old }"} ;;
      /*)
        if "$candidate" -I -S -c 'import ensurepip, venv' >/dev/null 2>&1; then
          python=$candidate
          return
        fi
        bare=${bare:-$candidate}
        ;;
    esac
  done
  [ -z "$bare" ] || fail "$bare cannot make virtual environments, it lacks the module venv or ensurepip: install them\
 (Debian, Ubuntu: apt install python3-venv), or take a Python from uv (uv python install 3.13) or pyenv (pyenv install 3.13)"
  fail "there is no Python 3.11 or newer on PATH$old: install one with the system's packages (apt install python3\
 python3-venv, dnf install python3.12, brew install python@3.13), uv (uv python install 3.13) or pyenv (pyenv install 3.13)"
}

real_interpreter() {
  program=$(command -v "$1" 2>/dev/null) || return 1
  "$program" -I -S -c '
import sys
if sys.version_info < (3, 11):
    print("old %d.%d" % sys.version_info[:2])
else:
    print(getattr(sys, "_base_executable", None) or sys.executable)
' 2>/dev/null </dev/null
}

# The stamp comes before all else, so that a broken installation is known as ours and can be repaired or removed.
make_prefix() {
  if is_stamped; then
    [ -w "$prefix" ] || fail "$prefix is not writable for you: run as its owner, or choose another place with --prefix DIR"
    return
  fi
  topmost=$(first_missing "$prefix")
  mkdir -p "$prefix" 2>/dev/null ||
    fail "$prefix cannot be created: no permission there? choose another place with --prefix DIR"
  {
    printf '%s\n' 'tfwrap was installed here by its install.sh.' \
      "\`install.sh --uninstall\` with the same --prefix removes it. Directories made for it, from here up to:" "$topmost" >"$stamp"
  } 2>/dev/null || fail "$prefix is not writable for you: run as its owner, or choose another place with --prefix DIR"
  say "created $prefix"
}

# The highest directory that `mkdir -p` will make.
first_missing() {
  missing=$1
  while [ ! -e "$(dirname -- "$missing")" ]; do missing=$(dirname -- "$missing"); done
  [ -e "$missing" ] || printf '%s\n' "$missing"
}

make_venv() {
  if "$venv/bin/python" -I -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    return
  fi
  if [ -e "$venv" ]; then
    say "replacing $venv, which does not work"
    rm -rf "$venv" || fail "$venv cannot be removed"
  fi
  if ! problem=$("$python" -I -m venv "$venv" 2>&1); then
    rm -rf "$venv"
    fail "$python could not make $venv: $(printf '%s\n' "$problem" | tail -n 1)"
  fi
  say "created $venv (Python $("$venv/bin/python" -I -c 'import platform; print(platform.python_version())') of $python)"
}

# The user's own pip settings count (an index, a proxy, a certificate), but not those that install elsewhere.
install_package() {
  before=$(installed_version)
  PIP_USER=0 && export PIP_USER
  unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_NO_COMPILE PIP_NO_DEPS PIP_EDITABLE
  say 'installing tfwrap and what it needs with pip (this can take a minute) ...'
  "$venv/bin/python" -I -m pip install --quiet --no-input --disable-pip-version-check --upgrade \
    "$checkout${demo:+[demo]}" >&2 ||
    fail 'pip could not install tfwrap (its own words are above): is the package index reachable? Then run this again'
  launcher=$("$venv/bin/python" -I -c 'import tfwrap; print(tfwrap.__path__[0])')/launch.py
  [ -f "$launcher" ] || fail "the installed package is not complete: $launcher is missing"
  "$venv/bin/python" -I -m compileall -q "${launcher%/*}" || fail "${launcher%/*} could not be compiled"
  after=$(installed_version)
  case $before in
    '') say "installed tfwrap $after" ;;
    "$after") say "installed tfwrap $after again" ;;
    *) say "upgraded tfwrap from $before to $after" ;;
  esac
}

installed_version() {
  "$venv/bin/python" -I -c 'from importlib.metadata import version; print(version("tfwrap-shim"))' 2>/dev/null
}

write_shims() {
  mkdir -p "$prefix/shims" "$prefix/bin" || fail "$prefix/shims and $prefix/bin cannot be created"
  bash=$(find_bash)
  take_blocking_env
  for program in terraform tofu; do
    shim=$prefix/shims/$program
    before=$(cat "$shim" 2>/dev/null)
    fill_shim || fail "$shim could not be written"
    if [ "$before" != "$(cat "$shim")" ]; then
      say "wrote $shim (${bash:-no usable bash here, so Python})"
    fi
  done
}

fill_shim() {
  if [ -n "$bash" ]; then
    "$venv/bin/python" -I -S "$checkout/shims/fill.py" "$checkout/shims/shim.bash" "$shim" "BASH=$bash" \
      "PROGRAM=$program" "PYTHON=$venv/bin/python" "LAUNCHER=$launcher" "SHIMS=$prefix/shims" "ENV=$env"
  else
    base=$("$venv/bin/python" -I -S -c 'import sys; print(sys._base_executable)') &&
      "$venv/bin/python" -I -S "$checkout/shims/fill.py" "$checkout/shims/shim.py" "$shim" "PROGRAM=$program" \
        "PYTHON=$venv/bin/python" "BASE=$base" "LAUNCHER=$launcher"
  fi
}

# The system's own bash where there is one, else the first on PATH. One that says something at its start (that it does
# not know the locale) would say it in front of every terraform.
find_bash() {
  case :$PATH: in
    *:/bin:* | *:/usr/bin:*) system='/bin/bash /usr/bin/bash' ;;
    *) system='' ;;
  esac
  for candidate in $system "$(command -v bash 2>/dev/null)"; do
    case $candidate in
      *[[:space:]]*) continue ;;
      /*) ;;
      *) continue ;;
    esac
    if [ -x "$candidate" ] && [ "${#candidate}" -lt 120 ] && [ "$("$candidate" -p -c 'echo bash' 2>&1)" = bash ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

# Sets `env` to a copy of an env(1) that can block signals (GNU coreutils 8.31), or to nothing. A copy, because the
# system's may be replaced by one that cannot, and then no terraform would start.
take_blocking_env() {
  env=$venv/libexec/env
  # shellcheck disable=SC2016 # the inner shell's own process id
  if [ -n "$bash" ] && mkdir -p "${env%/*}" && cp -f /usr/bin/env "$env" &&
    [ "$("$env" --block-signal=INT "$bash" -c 'kill -INT $$; echo blocked')" = blocked ]; then
    return
  fi 2>/dev/null
  rm -rf "${env%/*}"
  env=''
}

link_command() {
  is_our_link && return
  ln -s ../venv/bin/tfwrap "$prefix/bin/tfwrap" || fail "$prefix/bin/tfwrap could not be written"
  say "wrote $prefix/bin/tfwrap"
}

print_path_line() {
  quoted=$(printf '%s\n' "$prefix" | sed 's/[\\"$`]/\\&/g')
  say 'To use it, put this line at the end of your shell start-up file, and open a new shell:'
  say "  export PATH=\"$quoted/shims:$quoted/bin:\$PATH\""
}

# Uninstall

uninstall() {
  if ! is_stamped; then
    fail "there is no tfwrap in $prefix (no $stamp): nothing was removed; if it is elsewhere, say so with --prefix DIR"
  fi
  [ -w "$prefix" ] || fail "$prefix is not writable for you: run as its owner"
  for program in terraform tofu; do
    if is_shim "$prefix/shims/$program"; then remove "$prefix/shims/$program"; fi
  done
  if is_our_link; then remove "$prefix/bin/tfwrap"; fi
  if [ -d "$venv" ] && [ ! -L "$venv" ]; then remove "$venv"; fi
  topmost=$(sed -n 3p "$stamp")
  remove "$stamp"
  rmdir "$prefix/shims" "$prefix/bin" 2>/dev/null
  remove_empty "$prefix"
  if ! exists "$prefix"; then
    say "removed $prefix"
  elif [ -n "$(ls -A "$prefix")" ]; then
    say "left $prefix, which holds files that are not tfwrap's"
  fi
  say 'If a start-up file of your shell puts it on PATH, take that line out.'
}

remove() {
  rm -rf "$1" || fail "$1 could not be removed"
  say "removed $1"
}

# From the prefix up to the highest directory that was made for it, as long as they are empty.
remove_empty() {
  directory=$1
  while [ -n "$topmost" ] && rmdir "$directory" 2>/dev/null && [ "$directory" != "$topmost" ]; do
    directory=$(dirname -- "$directory")
  done
}

main "$@"
