# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# OpenBLAS and the kernels in order.

# The core that belongs to a kernel class, after the restart.
core_of() { sed -n 's/^OpenBLAS .*, core \([A-Za-z0-9]*\), \([0-9]*\) thread.*/\1 \2/p' out; }

restart() {
    call 0 --version
    local best
    best=$(sed -n 's/^kernel class //p' out)
    [ -s err ] && fail "a restart says something"
    case $best in
    avx512) [ "$(core_of)" = "SkylakeX 1" ] || fail "avx512 with $(core_of)" ;;
    avx2) [ "$(core_of)" = "Haswell 1" ] || fail "avx2 with $(core_of)" ;;
    baseline) [ "$(core_of | cut -d' ' -f2)" = 1 ] || fail "more than one thread" ;;
    *) fail "kernel class '$best'" ;;
    esac
    if [ "$best" != baseline ]; then
        FPSWEEP_KERNELS=avx2 call 0 --version
        has out "^kernel class avx2"
        [ "$(core_of)" = "Haswell 1" ] || fail "avx2 with $(core_of)"
    fi
    FPSWEEP_KERNELS=baseline call 0 --version
    has out "^kernel class baseline"
    [ "$(core_of | cut -d' ' -f2)" = 1 ] || fail "baseline with several threads"
    # the user's own choice is respected, and told once
    OPENBLAS_CORETYPE=Nehalem call 0 --version
    if [ "$best" != baseline ]; then
        [ "$(core_of)" = "Nehalem 1" ] || fail "OPENBLAS_CORETYPE=Nehalem gave $(core_of)"
        [ "$(grep -c Nehalem err)" = 1 ] || fail "the user's core is not told once"
        [ "$(wc -L <err)" -le 80 ] || fail "the user's core is not told in a short line"
    fi
    # settings that fit already need no restart: the process stays the one that was started, and stdin is untouched
    echo "2 words" | OPENBLAS_NUM_THREADS=4 "$program" --version >/dev/null || fail "with stdin"
    FPSWEEP_KERNELS=baseline call 0 run "$here/tiny.yaml" -o baseline.h5
    [ "$best" = baseline ] || FPSWEEP_KERNELS=avx2 call 0 run "$here/tiny.yaml" -o avx2.h5
}

restart_launcher() {
    launch 0 2 run "$here/tiny.yaml" -o best.h5
    has out "^wall time .* on 2 ranks"
    has_not err "OpenBLAS"
    FPSWEEP_KERNELS=baseline launch 0 2 run "$here/tiny.yaml" -o baseline.h5
    has out "done 12"
    grep -qw avx2 /proc/cpuinfo || return 0
    FPSWEEP_KERNELS=avx2 launch 0 2 run "$here/tiny.yaml" -o avx2.h5
    has out "done 12"
    OPENBLAS_CORETYPE=Nehalem launch 0 2 run "$here/tiny.yaml" -o nehalem.h5
    [ "$(grep -c Nehalem err)" = 1 ] || fail "the user's core is not told once"
}
