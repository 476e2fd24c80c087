#!@BASH@ -p
# tfwrap-shim-marker
# shellcheck shell=bash disable=SC1008
#
# @PROGRAM@, as the shell finds it first on PATH. Passes straight through to the real one, or hands over to tfwrap.
# Only builtins (a fork costs as much as all of this), in what bash 3.2 understands, and correct under
# POSIXLY_CORRECT. bash reads a file as it goes: the ordinary call ends in the middle, and what is out of the ordinary
# stands below that. Whatever is exported here reaches Terraform: docs/launcher.md says what bash does to it.

_tfwrap_last=$_
trap 'exit 131' QUIT # bash itself ignores it; exec puts back what was
_tfwrap_program=@PROGRAM_WORD@
_tfwrap_python=@PYTHON_WORD@
_tfwrap_launcher=@LAUNCHER_WORD@
_tfwrap_shims=@SHIMS_WORD@
_tfwrap_env=/usr/bin/env
_tfwrap_blocking_env=@ENV_WORD@ # one that knows --block-signal, if there is one
shopt -s execfail
_tfwrap_limit=${FUNCNEST+x}
unset -v FUNCNEST # a limit of 1 would end us; it is put back with the rest

# Which commands use AWS credentials, as COMMAND/WORD after it. NEEDS in tfwrap/invocation.py is the same table.
_tfwrap_uses_credentials() {
  case $1/$2 in
    providers/lock | providers/mirror) return 1 ;;
    apply/* | console/* | destroy/* | force-unlock/* | graph/* | import/* | init/* | output/* | plan/*) ;;
    providers/* | query/* | refresh/* | show/* | taint/* | test/* | untaint/*) ;;
    env/delete | env/list | env/new | env/select) ;;
    state/identities | state/list | state/ls | state/move | state/mv | state/pull | state/push) ;;
    state/remove | state/replace-provider | state/rm | state/show) ;;
    workspace/delete | workspace/list | workspace/new | workspace/select) ;;
    *) return 1 ;;
  esac
}

_tfwrap_say() {
  printf 'tfwrap: %s\n' "$1" >&2
}

# The words of tfwrap/settings/settings.py.
_tfwrap_is_on() {
  [[ $1 == 1 || $1 == [Tt][Rr][Uu][Ee] || $1 == [Yy][Ee][Ss] || $1 == [Oo][Nn] ]]
}

# Whether the arguments ask for something that needs nothing of tfwrap.
_tfwrap_is_plain() {
  [[ -n ${COMP_LINE-} ]] && return 0 # completion: the answer goes to stdout
  _tfwrap_is_on "${TFWRAP_DISABLE-}" && return 0
  _tfwrap_asks_for_help "$@" && return 0
  while (($#)) && [[ -z $1 || $1 == -* ]]; do # -chdir=DIR and what Terraform will refuse
    [[ $1 == -- ]] && return 0
    shift
  done
  (($#)) && [[ $1 != */* ]] || return 0
  _tfwrap_uses_credentials "$1" "${2-}" || return 0
  [[ $1 == show ]] && _tfwrap_names_a_file "${@:2}"
}

# Terraform shows its version wherever one of the words stands (main.go), its help before any `--` (mitchellh/cli).
_tfwrap_asks_for_help() {
  local word ended=
  for word; do
    case $word in
      -v | -version | --version) return 0 ;;
      -h | -help | --help) [[ $ended ]] || return 0 ;;
      --) ended=yes ;;
    esac
  done
  return 1
}

# `show PLANFILE` reads that file and no backend.
_tfwrap_names_a_file() {
  local word takes_value=
  for word; do
    if [[ $takes_value ]]; then
      takes_value=
      continue
    fi
    case $word in
      -config | -module-depth | -plan | -state | -type | -var | -var-file) takes_value=yes ;;
      --config | --module-depth | --plan | --state | --type | --var | --var-file) takes_value=yes ;;
      -?*) ;;
      *) return 0 ;;
    esac
  done
  return 1
}

# Sets _tfwrap_target to the real binary, or fails with _tfwrap_status and _tfwrap_problem. Where that is empty, nothing
# of that name lies in _tfwrap_looked.
_tfwrap_find() {
  local variable=TFWRAP_TERRAFORM
  [[ $_tfwrap_program == tofu ]] && variable=TFWRAP_TOFU
  _tfwrap_status=126
  if ((_tfwrap_depth >= 10)); then
    _tfwrap_problem="$_tfwrap_program was called 10 times in a circle (through ${_TFWRAP_GUARD#*:*:}); set $variable to the real binary"
    return 1
  fi
  _tfwrap_target=${!variable-}
  if [[ $_tfwrap_target && $_tfwrap_tried != *":$_tfwrap_target:"* ]]; then
    _tfwrap_check_override "$variable"
  else
    _tfwrap_search
  fi
}

_tfwrap_check_override() {
  [[ $_tfwrap_target == */* ]] || _tfwrap_target=./$_tfwrap_target # exec would look for a bare name on PATH
  if [[ -e $_tfwrap_target ]] && _tfwrap_is_ours "$_tfwrap_target"; then
    _tfwrap_problem="$_tfwrap_target is tfwrap itself (set by $1); name the real $_tfwrap_program there"
    return 1
  fi
  _tfwrap_is_runnable "$_tfwrap_target" && return 0
  [[ -e $_tfwrap_target || -L $_tfwrap_target ]] || _tfwrap_status=127
  _tfwrap_problem="$_tfwrap_target $_tfwrap_reason (set by $1)"
  return 1
}

# Absolute entries only: a `terraform` that lies in a clone must not be run by its being there.
_tfwrap_search() {
  local IFS=: entry blocked='' looked=''
  set -f
  for entry in $PATH; do
    [[ $entry == /* ]] || continue
    looked+=:$entry
    _tfwrap_target=${entry%/}/$_tfwrap_program
    [[ $_tfwrap_tried == *":$_tfwrap_target:"* ]] && continue
    if _tfwrap_is_runnable "$_tfwrap_target"; then
      _tfwrap_is_ours "$_tfwrap_target" || return 0
    elif [[ -e $_tfwrap_target || -L $_tfwrap_target ]]; then
      blocked=${blocked:-$_tfwrap_target $_tfwrap_reason}
    fi
  done
  _tfwrap_problem=$blocked
  _tfwrap_looked=${looked#:}
  return 1
}

_tfwrap_is_runnable() {
  if [[ -d $1 ]]; then
    _tfwrap_reason='is a directory'
  elif [[ -x $1 ]]; then
    return 0
  elif [[ -e $1 ]]; then
    _tfwrap_reason='is not executable (chmod +x it)'
  elif [[ -L $1 ]]; then
    _tfwrap_reason='is a broken symbolic link'
  else
    _tfwrap_reason='does not exist'
  fi
  return 1
}

# This file, another one in our directory, or a shim of any other tfwrap: by the marker in its first 400 bytes.
_tfwrap_is_ours() {
  [[ $1 -ef ${BASH_SOURCE[0]} || ${1%/*} -ef $_tfwrap_shims ]] && return 0
  _tfwrap_read_head "$1"
  [[ $_tfwrap_head == *tfwrap-shim-marker* ]]
}

# The beginning of a file up to its first NUL: of a binary a few bytes, of a script 400.
_tfwrap_read_head() {
  _tfwrap_head=
  if [[ -f $1 && -r $1 ]]; then
    IFS= read -r -d '' -n 400 _tfwrap_head <"$1"
  fi
}

# Whether bash has left the environment as it was before our first line, as far as /proc tells (docs/launcher.md has the
# list of what it changes); if not, _tfwrap_restore_entries undoes it. One look at the whole environment costs a fifth
# of a loop over it. Clears _tfwrap_had_last if there was no `_` (a shell puts it last).
_tfwrap_is_intact() {
  local imported all
  _tfwrap_had_last=yes _tfwrap_by_env=()
  [[ -r /proc/self/environ ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || return 0
  imported=${BASH@a}${BASHOPTS@a}${BASH_VERSION@a}${EUID@a}${IFS@a}${LINENO@a}${OPTERR@a}${OPTIND@a}${SHELLOPTS@a}${UID@a}
  local IFS=$'\2'
  mapfile -d '' -t _tfwrap_entries </proc/self/environ
  all=$'\2'"${_tfwrap_entries[*]}"$'\2'
  [[ ${_tfwrap_entries[0]-} && ${_tfwrap_entries[-1]} == _=* || $all == *$'\2_='* ]] || _tfwrap_had_last=
  [[ $imported$_tfwrap_limit != *x* && $all != *$'\2PS'[124]=* ]] || return 1
  [[ $all == *$'\2PWD='"$PWD"$'\2'* && $all == *$'\2SHLVL='"$((SHLVL - 1))"$'\2'* ]]
}

# Become another program. Returns only if that is impossible; bash has said why.
_tfwrap_become() {
  if ((${#_tfwrap_by_env[@]})) && [[ $1 != *=* && -x $_tfwrap_env ]]; then
    set -- "$_tfwrap_env" "${_tfwrap_by_env[@]}" "$@"
  fi
  if [[ $_tfwrap_had_last ]]; then
    _=$_tfwrap_last exec "$@"
  else
    exec "$@"
  fi
}

# No variable is local here and in its callers: a name that is, and that the user exports, Terraform would not get.
_tfwrap_run_real() {
  export _TFWRAP_GUARD="$$:$((_tfwrap_depth + 1))${_tfwrap_tried%:}:$_tfwrap_target"
  _tfwrap_become "$_tfwrap_target" "$@"
  _tfwrap_say "$_tfwrap_target cannot be run"
  exit 126
}

_tfwrap_run_tfwrap() {
  # Python starts with interrupts blocked, and launch.py lets them in: its own start drops one now and then.
  if [[ -x $_tfwrap_blocking_env ]]; then
    _tfwrap_env=$_tfwrap_blocking_env
    _tfwrap_by_env=(--block-signal=INT "${_tfwrap_by_env[@]}")
  fi
  # Not as a file to run, where there is no such env: Python drops an interrupt while it looks whether that is a directory
  # or an archive. And this takes what was compiled before, as an import does.
  _tfwrap_code='import sys; from _frozen_importlib_external import SourceFileLoader as File; del sys.argv[0]; me = sys.argv[0]
exec(File("__main__", me).get_code("__main__"), {"__name__": "__main__", "__file__": me})'
  _tfwrap_become "$_tfwrap_python" -I -S -c "$_tfwrap_code" "$_tfwrap_launcher" "$_tfwrap_program" "$@"
  _tfwrap_is_broken=yes
}

_tfwrap_depth=0 _tfwrap_tried='' _tfwrap_is_broken=''
if [[ ! ${_TFWRAP_GUARD-}${TFENV_HELPERS+set} ]]; then
  if _tfwrap_is_plain "$@"; then
    _tfwrap_find && _tfwrap_is_intact && _tfwrap_run_real "$@"
  elif [[ -x $_tfwrap_python && -r $_tfwrap_launcher ]]; then
    _tfwrap_is_intact && _tfwrap_run_tfwrap "$@"
  fi
fi

# Out of the ordinary: called from inside a run, an environment that bash has damaged, nothing found, tfwrap gone

# Whether we are called from inside a run: _TFWRAP_GUARD=PID:DEPTH:TARGET[:TARGET...] of a process that still lives.
# Sets _tfwrap_depth, and _tfwrap_tried (":TARGET:TARGET:") if the call came straight back from the last target.
_tfwrap_is_inside() {
  local pid=${_TFWRAP_GUARD%%:*} rest=${_TFWRAP_GUARD#*:}
  _tfwrap_depth=0 _tfwrap_tried=
  [[ $_TFWRAP_GUARD == [1-9]*:[0-9]*:?* && $pid != *[!0-9]* ]] || return 1
  kill -0 "$pid" 2>/dev/null || [[ -e /proc/$pid ]] || return 1 # kill also fails for another user's process
  _tfwrap_depth=${rest%%:*} rest=${rest#*:}
  [[ $_tfwrap_depth == [0-9] ]] || _tfwrap_depth=10
  if [[ $pid == "$$" ]] || { [[ $pid == "$PPID" ]] && ! _tfwrap_parent_runs "${rest##*:}"; }; then
    _tfwrap_tried=:$rest:
  fi
  return 0
}

# A real Terraform that became us by exec has our guard's pid, and calls us from a local-exec whose `sh -c` (bash) does
# not stay: then the parent runs the target itself, where a version manager's script runs an interpreter.
_tfwrap_parent_runs() {
  local program=/proc/$PPID/exe
  [[ -e /proc/self/exe ]] || program=$(ps -o comm= -p "$PPID" 2>/dev/null)
  [[ $program -ef $1 ]]
}

_tfwrap_not_found() {
  local from=https://developer.hashicorp.com/terraform/install variable=TFWRAP_TERRAFORM but=
  [[ $_tfwrap_program == tofu ]] && from=https://opentofu.org/docs/intro/install variable=TFWRAP_TOFU
  [[ $_tfwrap_tried ]] && but=" but ${_tfwrap_tried:1:${#_tfwrap_tried}-2}, which came back to tfwrap"
  _tfwrap_status=127
  _tfwrap_problem="no real $_tfwrap_program found$but (looked in ${_tfwrap_looked:-nowhere: PATH has no absolute entry})"
  _tfwrap_problem+="; install it from $from or set $variable"
}

# tfenv exports TFENV_HELPERS together with bash functions. Where a dash came between, those are gone, and tfenv runs
# itself for ever, believing that it has them (seen with tfenv 59535da).
_tfwrap_is_tfenv() {
  [[ -e ${1%/*}/tfenv ]] || return 1
  _tfwrap_read_head "$1"
  [[ $_tfwrap_head == '#!'* ]]
}

# Puts back one by one what bash changed. Sets _tfwrap_by_env to the entries that only env(1) can put back.
_tfwrap_restore_entries() {
  local entry name has_pwd='' has_shlvl=''
  for entry in "${_tfwrap_entries[@]##[!BCEFHILOPRSU_]*}"; do # bash changes no name with another first letter
    [[ $entry ]] || continue
    name=${entry%%=*}
    case $name in
      "$entry" | _ | *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_]*) continue ;;
      IFS | BASHOPTS | BASH_VERSINFO | EUID | FUNCNEST | PPID | SHELLOPTS | UID)
        _tfwrap_by_env+=("$entry")
        continue
        ;;
      SHLVL)
        has_shlvl=yes
        [[ ${entry#*=} == "$((SHLVL - 1))" ]] || _tfwrap_by_env+=("$entry") # exec takes away the one that bash added
        continue
        ;;
      PWD) has_pwd=yes ;;
    esac
    [[ ${!name+set} && ${!name} == "${entry#*=}" ]] && continue
    unset -v "$name" # LINENO, RANDOM and their like become ordinary variables by that
    export "$name=${entry#*=}"
  done
  [[ $has_pwd ]] || unset -v PWD
  [[ $has_shlvl ]] || { unset -v SHLVL && declare -ga SHLVL; } # exec sets it again; arrays are not exported
  return 0
}

_tfwrap_go_straight() {
  if ! _tfwrap_find; then
    [[ $_tfwrap_problem ]] || _tfwrap_not_found
    _tfwrap_say "$_tfwrap_problem"
    exit "$_tfwrap_status"
  fi
  _tfwrap_is_intact || _tfwrap_restore_entries
  if [[ ${TFENV_HELPERS+set} ]] && _tfwrap_is_tfenv "$_tfwrap_target"; then
    unset -v TFENV_HELPERS
  fi
  _tfwrap_run_real "$@"
}

if _tfwrap_is_inside || _tfwrap_is_plain "$@"; then
  _tfwrap_go_straight "$@"
fi
if [[ ! $_tfwrap_is_broken && -x $_tfwrap_python && -r $_tfwrap_launcher ]]; then
  _tfwrap_is_intact || _tfwrap_restore_entries
  _tfwrap_run_tfwrap "$@"
fi
_tfwrap_problem="tfwrap's own program is gone ($_tfwrap_python, $_tfwrap_launcher); run its install.sh again"
case ${TFWRAP_STRICT-} in
  '' | 0 | [Ff][Aa][Ll][Ss][Ee] | [Nn][Oo] | [Oo][Ff][Ff]) ;;
  *) # tfwrap/settings/settings.py takes for strict what is unclear
    _tfwrap_say "$_tfwrap_problem (TFWRAP_STRICT is set: $_tfwrap_program was not run)"
    exit 125
    ;;
esac
_tfwrap_say "$_tfwrap_problem; running $_tfwrap_program without any checks"
_tfwrap_go_straight "$@"
