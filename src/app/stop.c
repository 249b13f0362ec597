/* stop.c: the stop signals. SIGUSR1 is the one that works everywhere; launchers and batch systems send SIGTERM, people
 * SIGINT. */
#include "app/stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static volatile int flag;
static volatile sig_atomic_t caught;
static struct timespec first;

static void catch_signal(int number) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!caught) {
        caught = 1;
        flag = 1;
        first = now;
        return;
    }
    /* A launcher and a process group may both deliver one signal: only a later one means "at once". */
    if (now.tv_sec - first.tv_sec < 1 || (now.tv_sec - first.tv_sec == 1 && now.tv_nsec < first.tv_nsec))
        return;
    signal(number, SIG_DFL);
    raise(number);
}

void fps_stop_install(void) {
    static const int numbers[] = {SIGUSR1, SIGTERM, SIGINT};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = catch_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

volatile const int *fps_stop_flag(void) {
    return &flag;
}
