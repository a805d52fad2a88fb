#!/usr/bin/env bash
# Installs the Debian packages of the named sets (build, test) where they are missing: by apt when
# root or by sudo, else it says what to install. Does nothing when all are there.
set -euo pipefail

build=(gcc libc6-dev make pkg-config libssl-dev ca-certificates)
test=(openssl poppler-utils qpdf chromium python3 python3-venv nodejs npm softhsm2 opensc
    libreoffice-writer-nogui fonts-liberation2 default-jdk-headless maven)

wanted=()
for set in "$@"; do
    case $set in
        build) wanted+=("${build[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        *) echo "usage: $0 [build] [test]" >&2; exit 2 ;;
    esac
done

command -v cargo >/dev/null || {
    echo "cargo is missing: install a Rust toolchain of at least the rust-version in Cargo.toml" >&2
    exit 1
}

# A command that is there counts as its package: toolchains often come from elsewhere.
declare -A provides=([gcc]=cc [make]=make [pkg-config]=pkg-config [openssl]=openssl
    [poppler-utils]=pdfsig [qpdf]=qpdf [chromium]=chromium [python3]=python3 [nodejs]=node
    [npm]=npm [libreoffice-writer-nogui]=soffice [default-jdk-headless]=javac
    [maven]=mvn)
missing=()
for package in "${wanted[@]}"; do
    command=${provides[$package]:-}
    if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
    if dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then continue; fi
    missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Debian packages to install: ${missing[*]}" >&2
if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo)
else
    echo "please install them: apt-get install ${missing[*]}" >&2
    exit 1
fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}"
