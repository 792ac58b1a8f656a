# install.ps1 [FOLDER]: dpm-analytics into FOLDER, from this bundle alone. $env:PYTHON names another Python than py.
$python = if ($env:PYTHON) { $env:PYTHON } else { 'py' }
& $python (Join-Path $PSScriptRoot 'install.py') @args
exit $LASTEXITCODE
