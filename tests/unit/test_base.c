/* floor: base */
/* The base floor: messages, memory, numbers as text, kernel classes. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fpsweep/choice.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/status.h"

static void every_status_has_name_text_and_exit(void **state) {
    (void)state;
    for (int s = 0; s < FPS_STATUS_COUNT; s++) {
        assert_true(strlen(fps_status_name((fps_status)s)) > 0);
        assert_true(strlen(fps_status_text((fps_status)s)) > 0);
        assert_true((s == FPS_OK) == (fps_status_exit((fps_status)s) == 0));
    }
    assert_int_equal(fps_status_exit(FPS_STOPPED), 75);
    assert_int_equal(fps_status_exit(FPS_ERROR_SWEEP), 2);
    assert_string_equal(fps_status_name((fps_status)999), "unknown");
}

static void messages_are_kept_and_may_quote_themselves(void **state) {
    (void)state;
    assert_int_equal(fps_fail(FPS_ERROR_IO, "cannot write %s", "a.h5"), FPS_ERROR_IO);
    assert_string_equal(fps_error_message(), "cannot write a.h5");
    fps_fail_context(FPS_ERROR_IO, "row %d", 7);
    assert_string_equal(fps_error_message(), "row 7: cannot write a.h5");
    fps_fail(FPS_ERROR_IO, "again: %s", fps_error_message());
    assert_string_equal(fps_error_message(), "again: row 7: cannot write a.h5");
    char huge[10000];
    memset(huge, 'x', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    fps_fail(FPS_ERROR_IO, "%s", huge); /* cut, not overrun */
    assert_true(strlen(fps_error_message()) < sizeof huge);
}

/* Large blocks are zeroed in another way; also where they have been used before. */
static void large_memory_is_zeroed(void **state) {
    (void)state;
    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* so that a block given back is handed out again */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    const unsigned char *old = NULL;
    bool reused = false;
    for (int turn = 0; turn < 3; turn++) {
        const size_t count = ((size_t)40 << 20) - 1000 * (size_t)turn;
        unsigned char *block = fps_alloc(count, 1);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % FPS_ALIGNMENT, 0);
        size_t wrong = 0;
        for (size_t i = 0; i < count; i++)
            wrong += block[i] != 0;
        assert_int_equal(wrong, 0);
        memset(block, 0xa5, count);
        reused = reused || block == old;
        old = block;
        fps_free(block);
    }
#ifdef __SANITIZE_ADDRESS__ /* whose allocator keeps blocks back */
    reused = true;
#endif
    assert_true(reused);
}

static void memory_is_aligned_zeroed_and_checked(void **state) {
    (void)state;
    for (size_t count = 0; count < 300; count += 7) {
        unsigned char *block = fps_alloc(count, 3);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % FPS_ALIGNMENT, 0);
        for (size_t i = 0; i < 3 * count; i++)
            assert_int_equal(block[i], 0);
        fps_free(block);
    }
    assert_null(fps_alloc(SIZE_MAX / 2, 4)); /* the product overflows */
    assert_non_null(strstr(fps_error_message(), "too large"));
    assert_null(fps_alloc(SIZE_MAX / 4, 2));

    int *numbers = fps_alloc(3, sizeof *numbers);
    for (int i = 0; i < 3; i++)
        numbers[i] = i + 1;
    numbers = fps_realloc(numbers, 3, 1000, sizeof *numbers);
    assert_int_equal(numbers[2], 3);
    assert_int_equal(numbers[999], 0);
    fps_free(numbers);
    fps_free(NULL);
}

static void numbers_print_short_and_read_back_equal(void **state) {
    (void)state;
    const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},     {1, "1"},   {-2.5, "-2.5"},  {1e-8, "1e-08"},
                 {5e-4, "0.0005"}, {10, "10"}, {1e6, "1000000"}};
    char buffer[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_number_format(cases[i].value, buffer, sizeof buffer);
        assert_string_equal(buffer, cases[i].text);
    }
    uint64_t bits = 0x9e3779b97f4a7c15;
    for (int i = 0; i < 20000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!__builtin_isfinite(value))
            continue;
        fps_number_format(value, buffer, sizeof buffer);
        double back = strtod(buffer, NULL);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void kernel_classes_follow_the_environment(void **state) {
    (void)state;
    fps_kernel_class class, best = fps_kernel_class_best();
    unsetenv("FPSWEEP_KERNELS");
    assert_int_equal(fps_kernel_class_wanted(&class), FPS_OK);
    assert_int_equal(class, best);
    setenv("FPSWEEP_KERNELS", "baseline", 1);
    assert_int_equal(fps_kernel_class_wanted(&class), FPS_OK);
    assert_int_equal(class, FPS_BASELINE);
    setenv("FPSWEEP_KERNELS", "sse9", 1);
    assert_int_equal(fps_kernel_class_wanted(&class), FPS_ERROR_USAGE);
    assert_non_null(strstr(fps_error_message(), "sse9"));
    unsetenv("FPSWEEP_KERNELS");
    assert_int_equal(fps_kernel_class_current(), best);
    fps_kernel_class_set(FPS_BASELINE);
    assert_int_equal(fps_kernel_class_current(), FPS_BASELINE);
    fps_kernel_class_set(best);
}

static int logged;
static void count_line(void *context, fps_log_level level, const char *message) {
    assert_string_equal(message, "three 3");
    assert_int_equal(level, FPS_LOG_NOTE);
    *(int *)context += 1;
}

static void log_goes_to_the_sink_or_nowhere(void **state) {
    (void)state;
    fps_log(FPS_LOG_NOTE, "dropped");
    fps_log_set(count_line, &logged);
    fps_log(FPS_LOG_NOTE, "three %d", 3);
    fps_log_set(NULL, NULL);
    fps_log(FPS_LOG_NOTE, "dropped");
    assert_int_equal(logged, 1);
}

/* While a thread sleeps time passes, but not its own. */
static void clocks_tell_what_they_are_for(void **state) {
    (void)state;
    const double now_s = fps_clock_now_s(), thread_s = fps_clock_thread_s(), date_s = fps_clock_date_s();
    assert_int_equal(nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL), 0);
    const double slept_s = fps_clock_now_s() - now_s, spent_s = fps_clock_thread_s() - thread_s;
    print_message("a sleep of 0.05 s took %.4f s and %.6f s of the thread\n", slept_s, spent_s);
    assert_true(slept_s >= 0.05 && spent_s >= 0 && spent_s < 0.025);
    assert_true(date_s >= (double)time(NULL) - 60 && date_s < (double)time(NULL) + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_name_text_and_exit),
        cmocka_unit_test(messages_are_kept_and_may_quote_themselves),
        cmocka_unit_test(memory_is_aligned_zeroed_and_checked),
        cmocka_unit_test(large_memory_is_zeroed),
        cmocka_unit_test(numbers_print_short_and_read_back_equal),
        cmocka_unit_test(kernel_classes_follow_the_environment),
        cmocka_unit_test(log_goes_to_the_sink_or_nowhere),
        cmocka_unit_test(clocks_tell_what_they_are_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
