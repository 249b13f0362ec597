/* crash.c: the last words of a rank. Between the signal and its end only async-signal-safe functions are called. */
#include "app/crash.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"},
};
enum { SIGNALS = sizeof signals / sizeof *signals, STACK = 64 * 1024 };

static unsigned char stack[STACK] __attribute__((aligned(16)));
static const fps_plan *plan;
static const fps_checkpoints *journal;
static int own_rank;
static volatile int64_t task = -1; /* being run; `identity` belongs to it */
static volatile uint64_t identity;

/* A line in the making; what does not fit is cut. */
typedef struct line {
    char text[256];
    size_t used;
} line;

static void add(line *l, const char *text) {
    while (*text && l->used < sizeof l->text - 1)
        l->text[l->used++] = *text++;
}

static void add_number(line *l, int64_t number) {
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    add(l, digits + at);
}

static const char *name_of(int number) {
    for (int k = 0; k < SIGNALS; k++)
        if (signals[k].number == number)
            return signals[k].name;
    return "a signal";
}

static void last_words(int number) {
    int64_t running = task;
    if (running >= 0 && journal) {
        const fps_crash crash = {.identity = identity, .task = running, .rank = own_rank, .signal = number};
        fps_checkpoints_note_crash(journal, &crash);
    }
    line l = {.used = 0};
    add(&l, "fpsweep: rank ");
    add_number(&l, own_rank);
    add(&l, " crashed (");
    add(&l, name_of(number));
    add(&l, running >= 0 ? ") in task " : ") outside any task");
    if (running >= 0)
        add_number(&l, running);
    add(&l, ": please report it; run --resume goes on\n");
    if (write(STDERR_FILENO, l.text, l.used) < 0)
        return; /* nobody listens */
}

/* SA_RESETHAND has put the default back: the signal, raised again, ends the process when the handler returns. */
static void on_crash(int number) {
    last_words(number);
    raise(number);
}

void fps_crash_install(int rank) {
    own_rank = rank;
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL); /* a stack overflow has no room on its own */
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_crash;
    action.sa_flags = SA_ONSTACK | (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    for (int k = 0; k < SIGNALS; k++)
        sigaction(signals[k].number, &action, NULL);
}

void fps_crash_journal(const fps_plan *the_plan, const fps_checkpoints *checkpoints) {
    task = -1;
    plan = the_plan;
    journal = checkpoints;
}

void fps_crash_running(void *context, int64_t number) {
    (void)context;
    task = -1; /* no moment at which number and identity do not belong together */
    if (number < 0)
        return;
    fps_task running;
    fps_plan_task(plan, number, &running);
    identity = fps_task_identity(&running);
    task = number;
}
