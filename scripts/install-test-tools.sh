#!/usr/bin/env bash
# Installs what the tests start and no Debian package gives into $TRAO_TEST_TOOLS (by default
# ~/.cache/trao-tools): Garage, s3s-fs and cargo-deny into bin/, pyHanko into judges/, EU DSS and
# veraPDF into java/, the browser's driver and the accessibility judge into node/. What is there already is left alone,
# so a second run takes no time. Debug builds: they are made in a fifth of a release build's time.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tools=${TRAO_TEST_TOOLS:-$HOME/.cache/trao-tools}

garage_version=2.5.0
s3s_fs_version=0.14.1
cargo_deny_version=0.20.2

main() {
    mkdir -p "$tools/bin"
    exec 9>"$tools/.lock"
    flock 9
    cargo_tool garage "$garage_version" --no-default-features --features bundled-libs,sqlite
    cargo_tool s3s-fs "$s3s_fs_version" --features binary
    cargo_tool cargo-deny "$cargo_deny_version"
    judges
    java_judges
    node_packages
}

# cargo_tool NAME VERSION [FLAG...]: the binary of a crate, at that version.
cargo_tool() {
    local name=$1 version=$2
    shift 2
    if grep -qs "^\"$name $version " "$tools/.crates.toml" && [ -x "$tools/bin/$name" ]; then
        return
    fi
    say "building $name $version (some minutes)"
    # The build's own folder goes away afterwards: it is ten times as large as what it makes.
    CARGO_TARGET_DIR="$tools/build" cargo install "$name" --version "$version" --locked --debug \
        --root "$tools" "$@"
    rm -rf "$tools/build"
}

# The Python environment with pyHanko.
judges() {
    local list=$here/test-tools/judges.txt
    up_to_date judges "$list" && return
    say "installing pyHanko"
    python3 -m venv --clear "$tools/judges"
    "$tools/judges/bin/pip" install --quiet --no-deps --requirement "$list"
    "$tools/judges/bin/pip" check
    cp "$list" "$tools/judges/.installed"
}

# EU DSS and veraPDF, in the versions that pom.xml names, and the program that asks them.
java_judges() {
    local sources=$here/test-tools/java list
    list=$(mktemp)
    cat "$sources"/* >"$list"
    if ! up_to_date java "$list"; then
        say "installing EU DSS and veraPDF"
        rm -rf "$tools/java"
        mvn --batch-mode --quiet --strict-checksums --file "$sources/pom.xml" \
            dependency:copy-dependencies -DoutputDirectory="$tools/java/lib"
        javac -Xlint:all -Werror -cp "$tools/java/lib/*" -d "$tools/java/classes" "$sources"/*.java
        cp "$list" "$tools/java/.installed"
    fi
    rm "$list"
}

# Playwright's core, which drives the Chromium of the system, and axe.
node_packages() {
    local lock=$here/test-tools/package-lock.json
    up_to_date node "$lock" && return
    say "installing playwright-core and axe-core"
    mkdir -p "$tools/node"
    cp "$here/test-tools/package.json" "$lock" "$tools/node/"
    npm ci --prefix "$tools/node" --ignore-scripts --no-audit --no-fund --silent
    cp "$lock" "$tools/node/.installed"
}

# up_to_date FOLDER LIST: whether the folder was installed from this very list.
up_to_date() {
    cmp -s "$2" "$tools/$1/.installed"
}

say() {
    echo "install-test-tools: $*" >&2
}

main
