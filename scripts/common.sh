# Sourced by the scripts beside it: where things are, and how progress and failure look.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
mkdir -p "$logs"

# What one checkout compiled serves the next one, wherever it lies.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

die() {
    echo "$*" >&2
    exit 1
}

# Draws what a long command says on one line of the terminal; elsewhere its output is only in the log.
show_progress() {
    local title=$1 line
    [ -t 1 ] || { cat >/dev/null; return; }
    while IFS= read -r line; do
        printf '\r\033[K%.*s' "$(($(tput cols 2>/dev/null || echo 80) - 1))" "$title … $line"
    done
    printf '\r\033[K'
}

# step <title> <command>...: one line for the whole command, its log only when it fails.
step() {
    local title=$1 log=$logs/${1//[^a-zA-Z0-9]/-}.log began=$SECONDS
    shift
    [ -t 1 ] && printf '%s …' "$title"
    if ! "$@" 2>&1 | tee "$log" | show_progress "$title"; then
        echo "$title: failed; the end of $log:" >&2
        tail -n 60 "$log" >&2
        return 1
    fi
    echo "$title: done in $((SECONDS - began)) s"
}

# build <preset> [target...]: configures what was never configured or has other presets now, then builds.
build() {
    local preset=$1 folder=$root/build/$1
    shift
    if [ ! -f "$folder/build.ninja" ] || [ "$root/CMakePresets.json" -nt "$folder/build.ninja" ]; then
        (cd "$root" && cmake --preset "$preset") || return
    fi
    nice cmake --build "$folder" ${1:+--target "$@"}
}

# free_port [port...]: one of 127.0.0.1 that nobody listens at, and none of those.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); [[ " $* " == *" $port "* ]] || (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}
