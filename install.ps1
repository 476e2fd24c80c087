# Install tfwrap on Windows from the checkout that this file lies in:
#
#   powershell -ExecutionPolicy Bypass -File install.ps1 [-Prefix DIR]
#
# NOT YET RUN ON WINDOWS: it was written and read, never executed. It makes the virtual environment and installs the
# `tfwrap` command. It makes no `terraform` for PATH and changes no PATH: that comes with the Windows work.
# ASCII only: Windows PowerShell 5.1 reads a file without a byte order mark as ANSI. It ends by `throw` alone, because
# `exit` closes the window of a user who runs this text through iex.

param([string]$Prefix = '')

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
    $Prefix = Join-Path $env:LOCALAPPDATA 'tfwrap'
}

$launcher = Get-Command -Name 'py', 'python' -CommandType Application -ErrorAction SilentlyContinue
if (-not $launcher) {
    throw 'tfwrap: there is no Python on PATH. Install 3.11 or newer: winget install Python.Python.3.13'
}
$python = @($launcher)[0].Source
& $python -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'
if ($LASTEXITCODE -ne 0) {
    throw "tfwrap: $python is older than 3.11. Install a newer one: winget install Python.Python.3.13"
}

$venv = Join-Path $Prefix 'venv'
& $python -m venv $venv
if ($LASTEXITCODE -ne 0) {
    throw "tfwrap: $python could not make $venv."
}
& (Join-Path $venv 'Scripts\python.exe') -m pip install --quiet --disable-pip-version-check --upgrade $PSScriptRoot
if ($LASTEXITCODE -ne 0) {
    throw 'tfwrap: pip could not install tfwrap (its own words are above).'
}

# pip's launcher finds its Python by an absolute path inside itself, so that a copy of it works anywhere.
$bin = Join-Path $Prefix 'bin'
New-Item -ItemType Directory -Force -Path $bin | Out-Null
Copy-Item -LiteralPath (Join-Path $venv 'Scripts\tfwrap.exe') -Destination $bin -Force

Write-Output "tfwrap is installed in $Prefix. Its command is $bin\tfwrap.exe; put $bin on your PATH to use it."
Write-Output 'There is no terraform shim for Windows yet: terraform itself runs as before, without tfwrap.'
