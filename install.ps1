# Install tfwrap on Windows from the checkout that this file lies in, or take it away again:
#
#   powershell -ExecutionPolicy Bypass -File install.ps1 [-Prefix DIR] [-NoModifyPath]
#   powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall [-Prefix DIR]
#
# It makes DIR\venv (default DIR: %LOCALAPPDATA%\Programs\tfwrap) and leaves the rest to Python, which can be tested:
# DIR\shims with terraform.exe, tofu.exe and tfwrap.exe, first on the user's PATH. Run it again to upgrade.
# docs/windows.md says what was tried. These lines themselves have only been parsed and read, never executed.
# ASCII only: Windows PowerShell 5.1 reads a file without a byte order mark as ANSI. It ends by `throw` alone, because
# `exit` closes the window of a user who runs this text through iex.

param([string]$Prefix = '', [switch]$Uninstall, [switch]$NoModifyPath)

$ErrorActionPreference = 'Stop'

if (-not $PSScriptRoot) {
    throw 'tfwrap: run this as a file of a checkout: powershell -ExecutionPolicy Bypass -File install.ps1'
}
if (-not (Test-Path -LiteralPath (Join-Path $PSScriptRoot 'pyproject.toml'))) {
    throw "tfwrap: $PSScriptRoot is not a checkout of tfwrap."
}
if (-not $Prefix) {
    if (-not $env:LOCALAPPDATA) {
        throw 'tfwrap: LOCALAPPDATA is not set; say where to install with -Prefix DIR.'
    }
    $Prefix = Join-Path $env:LOCALAPPDATA 'Programs\tfwrap'
}
# Absolute, and without a backslash at its end, which 5.1 would turn into an escaped quote.
$Prefix = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix).TrimEnd('\')
if ($Prefix.Contains(';')) {
    throw "tfwrap: $Prefix has a semicolon in it, and such a directory cannot stand on PATH."
}
$stamp = Join-Path $Prefix 'tfwrap-install.txt'
$venv = Join-Path $Prefix 'venv'
$venvPython = Join-Path $venv 'Scripts\python.exe'

if ($Uninstall) {
    if (-not (Test-Path -LiteralPath $stamp)) {
        throw "tfwrap: there is no tfwrap in $Prefix. Nothing was removed; if it is elsewhere, say so with -Prefix DIR."
    }
    & $venvPython -I -m tfwrap.windows.setup uninstall $Prefix
    if ($LASTEXITCODE -ne 0) {
        throw "tfwrap: the shims could not be removed. If $venv is broken, install again and then uninstall."
    }
    Remove-Item -LiteralPath $venv -Recurse -Force
    Remove-Item -LiteralPath $stamp
    if (-not (Get-ChildItem -LiteralPath $Prefix -Force)) {
        Remove-Item -LiteralPath $Prefix
    }
    Write-Output "removed tfwrap from $Prefix"
    return
}

if ((Test-Path -LiteralPath $venv) -and -not (Test-Path -LiteralPath $stamp)) {
    throw "tfwrap: $venv was not made by this installer: move it away, or choose another place with -Prefix DIR."
}

# The python.exe of the Microsoft Store is there without being a Python: each is tried.
$python = ''
foreach ($candidate in @(Get-Command -Name 'py', 'python' -CommandType Application -ErrorAction SilentlyContinue)) {
    & $candidate.Source -I -c 'import ensurepip, sys, venv; raise SystemExit(sys.version_info < (3, 11))'
    if ($LASTEXITCODE -eq 0) {
        $python = $candidate.Source
        break
    }
}
if (-not $python) {
    throw 'tfwrap: there is no Python 3.11 or newer on PATH. Install one: winget install Python.Python.3.13'
}

New-Item -ItemType Directory -Force -Path $Prefix | Out-Null
Set-Content -LiteralPath $stamp -Value 'tfwrap was installed here by its install.ps1.' -Encoding Ascii
& $python -I -m venv $venv
if ($LASTEXITCODE -ne 0) {
    throw "tfwrap: $python could not make $venv."
}
& $venvPython -I -m pip install --quiet --no-input --disable-pip-version-check --upgrade $PSScriptRoot
if ($LASTEXITCODE -ne 0) {
    throw 'tfwrap: pip could not install tfwrap (its own words are above).'
}
$options = @()
if ($NoModifyPath) {
    $options = @('--no-modify-path')
}
& $venvPython -I -m tfwrap.windows.setup install $Prefix $options
if ($LASTEXITCODE -ne 0) {
    throw 'tfwrap: the shims could not be installed (the reason is above).'
}
Write-Output "tfwrap is installed in $Prefix."
