/* floor: base */
/* The edits between a misspelt word and a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/nearest.h"

static int edits(const char *word, const char *name) {
    return fps_nearest_edits(word, strlen(word), name);
}

static void edits_are_counted(void **state) {
    (void)state;
    assert_int_equal(edits("depth", "depth"), 0);
    assert_int_equal(edits("Depth", "depth"), 0); /* capitals do not count */
    assert_int_equal(edits("dept", "depth"), 1);
    assert_int_equal(edits("deepth", "depth"), 1);
    assert_int_equal(edits("depht", "depth"), 1); /* neighbours swapped: one edit */
    assert_int_equal(edits("width", "depth"), 3);
    assert_int_equal(edits("", "abc"), 3);
    assert_int_equal(edits("abc", ""), 3);
    assert_int_equal(edits("ca", "abc"), 3);                      /* no letter is touched twice */
    assert_int_equal(fps_nearest_edits("depths", 5, "depth"), 0); /* only `length` letters count */
}

static void edits_are_symmetric_and_bounded(void **state) {
    (void)state;
    static const char *const words[] = {"a", "tanh", "activation", "aktivatoin", "learning_rate", "Laerning-rate", ""};
    enum { WORDS = sizeof words / sizeof *words };
    for (int i = 0; i < WORDS; i++)
        for (int j = 0; j < WORDS; j++) {
            size_t a = strlen(words[i]), b = strlen(words[j]);
            int d = edits(words[i], words[j]);
            assert_int_equal(d, edits(words[j], words[i]));
            assert_true(d <= (int)(a > b ? a : b) && d >= (int)(a > b ? a - b : b - a));
        }
}

static void long_words_are_far(void **state) {
    (void)state;
    char word[FPS_NEAREST_LONGEST + 2];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_int_equal(edits(word, "x"), FPS_NEAREST_FAR);
    assert_int_equal(edits("x", word), FPS_NEAREST_FAR);
    word[FPS_NEAREST_LONGEST] = '\0';
    assert_int_equal(edits(word, word), 0);
    assert_int_equal(edits(word, "x"), FPS_NEAREST_LONGEST - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(edits_are_symmetric_and_bounded),
        cmocka_unit_test(long_words_are_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
