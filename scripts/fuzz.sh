#!/usr/bin/env bash
# Runs every fuzz target, or those named, for some seconds each:
#
#     scripts/fuzz.sh SECONDS [TARGET...]
#
# The compiler's own coverage pass is in the stable toolchain; a sanitizer is not, and code without
# `unsafe` has no use for one. What is found lies in $TRAO_FUZZ (by default below the build output):
# copy a small input to tests/found/TARGET and mend the cause.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
output=${CARGO_TARGET_DIR:-$HOME/.cache/trao-target}/fuzz
state=${TRAO_FUZZ:-$output/state}
triple=$(rustc -vV | sed -n 's/^host: //p')
all=(lexer open filters inspect verify prepare words der cms code)

main() {
    local seconds=${1:?seconds for each target} target
    shift
    build
    for target in "${@:-${all[@]}}"; do
        run "$target" "$seconds"
    done
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

# run TARGET SECONDS
run() {
    local target=$1 seconds=$2 seeds
    local corpus=$state/corpus/$target found=$state/found/$target
    mkdir -p "$corpus" "$found"
    seeds=("$here"/fuzz/seeds/"$(kind_of "$target")" "$here"/tests/found/"$target")
    for folder in "${seeds[@]}"; do
        if [ -d "$folder" ]; then
            cp --no-clobber "$folder"/* "$corpus"/
        fi
    done
    echo "$target: $seconds s"
    "$output/$triple/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=16384 -dict="$here/fuzz/pdf.dict" -artifact_prefix="$found/" -verbosity=0 \
        -print_final_stats=1 "$corpus" 2>&1 | grep -E 'ERROR|panicked|number_of_executed|Test unit' || true
    if [ "${PIPESTATUS[0]}" -ne 0 ] || [ -n "$(ls -A "$found")" ]; then
        echo "$target: found something, see $found" >&2
        exit 1
    fi
}

# kind_of TARGET: which seeds it begins with.
kind_of() {
    case $1 in
    lexer | open | inspect | verify | prepare) echo pdf ;;
    cms | der) echo cms ;;
    *) echo "$1" ;;
    esac
}

main "$@"
