/* floor: numeric */
/* The compiler really vectorized the kernels: this program's own machine code is read with objdump. Elementary
 * functions must be libmvec's for the widest register of the class and nothing scalar may be called beside them; plain
 * loops must use that register. */
#include "test_network.h"

#include <unistd.h>

#include "numeric/kernels.h"

const void *fps_kernels_of_single(fps_kernel_class class); /* kernels.h declares the one of double precision */

/* What a class calls its libmvec variant (single, double) and its widest register. */
static const struct {
    const char *name, *prefix[2], *vector;
} classes[] = {{"baseline", {"_ZGVbN4", "_ZGVbN2"}, "xmm"},
               {"avx2", {"_ZGVdN8", "_ZGVdN4"}, "ymm"},
               {"avx512", {"_ZGVeN16", "_ZGVeN8"}, "zmm"}};
enum { CLASSES = sizeof classes / sizeof *classes };

/* Kernels and the elementary function that each must call; "" where none is needed. */
static const struct {
    const char *kernel, *function;
} expected[] = {
    {"fps_forward_tanh", "tanh"},
    {"fps_forward_slope_tanh", "tanh"},
    {"fps_forward_slope_sin", "sin"},
    {"fps_forward_slope_sin", "cos"},
    {"fps_forward_slope_sigmoid", "exp"},
    {"fps_forward_slope_silu", "exp"},
    {"fps_forward_slope_gelu", "erf"},
    {"fps_forward_slope_gelu", "exp"},
    {"fps_forward_slope_elu", "expm1"},
    {"fps_forward_slope_softplus", "log1p"},
    {"fps_forward_slope_gaussian", "exp"},
    {"fps_forward_slope_relu", ""},
    {"fps_forward_slope_softsign", ""},
    {"fps_loss_logcosh", "tanh"},
    {"fps_loss_lp", "pow"},
    {"fps_loss_mse", ""},
    {"fps_update_gd", ""},
    {"fps_update_adam", ""},
    {"fps_update_rmsprop", ""},
    {"fps_output", ""},
    {"fps_output_backward", ""},
    {"fps_hidden_backward", ""},
    {"fps_first_backward", ""},
    {"fps_affine", ""},
};
enum { EXPECTED = sizeof expected / sizeof *expected };

static char *disassembly; /* of this whole program */

static int read_disassembly(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "objdump -d --no-show-raw-insn /proc/%d/exe", (int)getpid());
    FILE *pipe = popen(command, "r");
    size_t size = 0, capacity = (size_t)1 << 24;
    disassembly = malloc(capacity + 1);
    for (size_t got; pipe && disassembly && (got = fread(disassembly + size, 1, capacity - size, pipe)) > 0;) {
        size += got;
        if (size == capacity)
            disassembly = realloc(disassembly, (capacity *= 2) + 1);
    }
    if (!pipe || !disassembly || pclose(pipe) != 0 || size == 0)
        return print_error("objdump is needed (Debian: binutils)\n"), 1;
    disassembly[size] = 0;
    return 0;
}

static int free_disassembly(void **state) {
    (void)state;
    free(disassembly);
    return 0;
}

/* Code of one function, as a new string; NULL if there is none. */
static char *function_code(const char *name) {
    char label[160];
    snprintf(label, sizeof label, " <%s>:\n", name);
    const char *start = strstr(disassembly, label);
    if (!start)
        return NULL;
    start += strlen(label);
    const char *end = strstr(start, "\n\n");
    return strndup(start, end ? (size_t)(end - start) : strlen(start));
}

static void kernels_are_vectorized(void **state) {
    (void)state;
#if !defined(__x86_64__) || defined(__clang__) || !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) ||           \
    !defined(__GLIBC__) || __GLIBC__ * 1000 + __GLIBC_MINOR__ < 2035
    skip(); /* other compilers, C libraries and builds without optimisation call the scalar functions */
#else
    int checked = 0;
    assert_non_null(fps_kernels_of(FPS_BASELINE)); /* links the tables of both precisions */
    assert_non_null(fps_kernels_of_single(FPS_BASELINE));
    for (int class = 0; class < CLASSES; class ++)
        for (int precision = 0; precision < 2; precision++)
            for (int k = 0; k < EXPECTED; k++) {
                char name[128], call[128];
                snprintf(name, sizeof name, "%s_%s_%s", expected[k].kernel, classes[class].name,
                         precision == 0 ? "single" : "double");
                char *code = function_code(name);
                if (!code)
                    fail_msg("%s is not in this program", name);
                const char *function = expected[k].function;
                snprintf(call, sizeof call, "%sv%s_%s%s@plt", classes[class].prefix[precision],
                         strcmp(function, "pow") == 0 ? "v" : "", function, precision == 0 ? "f" : "");
                if (*function && !strstr(code, call))
                    fail_msg("%s does not call %s", name, call);
                for (const char *at = code; (at = strstr(at, "call ")); at++)
                    if (!strstr(at, "<_ZGV") || strstr(at, "<_ZGV") > strchrnul(at, '\n'))
                        fail_msg("%s calls something that is not libmvec's: %.60s", name, at);
                if (!strstr(code, classes[class].vector))
                    fail_msg("%s does not use %s registers", name, classes[class].vector);
                free(code);
                checked++;
            }
    print_message("%d kernels read\n", checked);
    assert_int_equal(checked, CLASSES * 2 * EXPECTED);
#endif
}

/* The reader itself sees a function that is not vectorized. */
__attribute__((noinline, used)) double test_scalar_function(double x);
double test_scalar_function(double x) {
    return tanh(x) + 1;
}

static void a_scalar_call_is_seen(void **state) {
    (void)state;
    char *code = function_code("test_scalar_function");
    assert_non_null(code);
    assert_non_null(strstr(code, "tanh"));
    assert_null(strstr(code, "_ZGV"));
    free(code);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_are_vectorized),
                                       cmocka_unit_test(a_scalar_call_is_seen)};
    return cmocka_run_group_tests(tests, read_disassembly, free_disassembly);
}
