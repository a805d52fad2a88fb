#!/usr/bin/env bash
# Runs every fuzz target, or those named, for some seconds each, as many at once as there are
# processors:
#
#     scripts/fuzz.sh SECONDS [TARGET...]
#
# The compiler's own coverage pass is in the stable toolchain; a sanitizer is not, and code without
# `unsafe` has no use for one. All targets are one program: built and linked once, the environment
# says which one runs.
#
# A run begins with the seeds. Where $TRAO_FUZZ names a folder, what it tried with profit is kept
# there and tried first by the next. A line for each target tells how many places of the code the
# seeds reached, and how many were reached in the end. What is found lies in the folder that is named
# then: copy a small input to tests/found/TARGET and mend the cause.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
output=${CARGO_TARGET_DIR:-$HOME/.cache/trao-target}/fuzz
triple=$(rustc -vV | sed -n 's/^host: //p')
program=$output/$triple/release/any
state=${TRAO_FUZZ:-}

main() {
    local seconds=${1:?seconds for each target} targets
    shift
    build
    if [ -z "$state" ]; then
        state=$(mktemp -d --tmpdir trao-fuzz.XXXXXX)
        trap 'remove_unless_found' EXIT
    fi
    export here program state seconds
    export -f run
    make_keys "$state/seeds/identity"
    targets=$("$program" 2>/dev/null | sort)
    if [ $# -gt 0 ]; then
        targets=$(join <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$targets"))
    fi
    xargs -P "$(nproc)" -L 1 bash -c 'set -euo pipefail; run "$@"' run <<<"$targets"
}

build() {
    local flags=(
        --cfg fuzzing
        -Cpasses=sancov-module
        -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
        -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares
    )
    # With a target named, build scripts and macros are built without the flags.
    RUSTFLAGS="${flags[*]}" CARGO_TARGET_DIR="$output" cargo build --release --locked \
        --manifest-path "$here/fuzz/Cargo.toml" --target "$triple"
}

# make_keys FOLDER: what cannot be kept beside the other seeds, since it holds private keys.
make_keys() {
    local folder=$1
    mkdir -p "$folder"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=fuzz \
        -keyout "$folder/key" -out "$folder/certificate" 2>/dev/null
    cat "$folder/key" "$folder/certificate" >"$folder/pair.pem"
    openssl pkcs12 -export -inkey "$folder/key" -in "$folder/certificate" -passout pass:1 -out "$folder/pair.p12"
    openssl pkcs12 -export -inkey "$folder/key" -in "$folder/certificate" -passout pass: -out "$folder/bare.p12"
    openssl pkey -in "$folder/key" -aes256 -passout pass:1 -out "$folder/locked.pem"
    cat "$folder/certificate" >>"$folder/locked.pem"
    rm "$folder/key" "$folder/certificate"
}

# run TARGET SEEDS
run() {
    local target=$1 corpus=$state/corpus/$1 found=$state/found/$1 log=$state/$1.log words=$here/fuzz/$2.dict
    local folders=("$corpus" "$here/fuzz/seeds/$2") options=(-timeout=10 -rss_limit_mb=1024)
    mkdir -p "$corpus" "$found"
    if [ -d "$here/tests/found/$target" ]; then
        folders+=("$here/tests/found/$target")
    fi
    if [ -d "$state/seeds/$2" ]; then
        folders+=("$state/seeds/$2")
    fi
    if [ -f "$words" ]; then
        options+=("-dict=$words")
    fi
    options+=(-max_total_time="$seconds" -max_len=16384 -artifact_prefix="$found/")
    if ! TRAO_FUZZ_TARGET=$target "$program" "${options[@]}" "${folders[@]}" >"$log" 2>&1; then
        grep -E 'ERROR|panicked|Test unit' -A 2 "$log" >&2 || tail "$log" >&2
        echo "$target: found something, see $found" >&2
        # What else runs shall not go on for nothing: xargs ends.
        exit 255
    fi
    awk -v target="$target" '
        /INITED/ { sub(/.*cov: /, ""); first = $1 }
        /DONE/ { sub(/.*cov: /, ""); last = $1 }
        /^Done / { runs = $2 }
        END { printf "%-12s %9d runs, %5d places by the seeds, %5d in the end\n", target, runs, first, last }
    ' "$log"
}

remove_unless_found() {
    if [ -z "$(find "$state/found" -type f -print -quit 2>/dev/null)" ]; then
        rm -rf "$state"
    fi
}

main "$@"
