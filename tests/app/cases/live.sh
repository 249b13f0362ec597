# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# While a run works, and how it is stopped.

# While a run works: status and show read the file.
live() {
    "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$!
    wait_for_start "$pid"
    call 0 status long.h5
    has out "^state     alive: last heartbeat"
    has out "^left      8, running now 1"
    call 0 show long.h5
    has out "pending"
    call 0 show long.h5 3
    has out "^outcome pending"
    call 0 analyze long.h5
    has out "pending 8: nothing to derive"
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    call 0 status long.h5
    has out "^done      0"
    has_not out "stopped in good order"
}

# On a terminal: a progress line, colours, and none where NO_COLOR says so.
terminal() {
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    run_tiny
    "$PYTHON" "$here/terminal.py" "$program" "$here/tiny.yaml" || fail "terminal.py"
}

stop() {
    local signal pid status
    for signal in USR1 TERM INT; do
        rm -f long.h5*
        # a background process of a script ignores SIGINT: give it back
        (trap - INT; exec env --default-signal=INT "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null) &
        pid=$!
        wait_for_start "$pid"
        kill "-$signal" "$pid"
        wait "$pid"
        status=$?
        [ "$status" = 75 ] || fail "SIG$signal: exit status $status, not 75"
        has run.log "not run 8 (stopped)"
        call 0 status long.h5
        has out "^left      8$"
        has out "^state     stopped in good order"
    done
}

stop_launcher() {
    "$mpiexec" -n 2 "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$! status
    wait_for_start "$pid"
    kill -USR1 "$pid"
    wait "$pid"
    status=$?
    [ "$status" = 75 ] || fail "SIGUSR1 to the launcher: exit status $status, not 75"
    has run.log "(stopped)"
}

# Two signals at once count as one: a launcher and a process group may both deliver the same.
two_signals() {
    "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$! status
    wait_for_start "$pid"
    kill -STOP "$pid" # both are there before it can answer the first
    kill -USR1 "$pid"
    kill -TERM "$pid"
    kill -CONT "$pid"
    wait "$pid"
    status=$?
    [ "$status" = 75 ] || fail "two signals at once: exit status $status, not 75"
}

# A later second signal ends a run that cannot stop in good order, here because one rank does not answer.
second_signal() {
    "$mpiexec" -n 2 "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local launcher=$! rank0 rank1 status
    wait_for_start "$launcher"
    rank0=$(rank_pid "$launcher" 0) rank1=$(rank_pid "$launcher" 1)
    kill -STOP "$rank1"
    kill -USR1 "$rank0"
    sleep 1.5
    kill -0 "$rank0" || fail "rank 0 did not wait for rank 1"
    kill -USR1 "$rank0"
    wait "$launcher"
    status=$?
    kill -KILL "$rank1" 2>/dev/null
    case $status in 0 | 75) fail "second signal: exit status $status" ;; esac
    call 0 status long.h5
    has out "^done      0"
}
