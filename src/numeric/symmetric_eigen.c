#include "numeric/symmetric_eigen.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>

#include "fpsweep/memory.h"

/* LAPACK in OpenBLAS, column-major, everything by reference. */
void dlatrd_(const char *uplo, const int *n, const int *nb, double *a, const int *lda, double *e, double *tau,
             double *w, const int *ldw);
void dsytd2_(const char *uplo, const int *n, double *a, const int *lda, double *d, double *e, double *tau, int *info);
void dstemr_(const char *jobz, const char *range, const int *n, double *d, double *e, const double *vl,
             const double *vu, const int *il, const int *iu, int *m, double *w, double *z, const int *ldz,
             const int *nzc, int *isuppz, int *tryrac, double *work, const int *lwork, int *iwork, const int *liwork,
             int *info);
void dormtr_(const char *side, const char *uplo, const char *trans, const int *m, const int *n, const double *a,
             const int *lda, const double *tau, double *c, const int *ldc, double *work, const int *lwork, int *info);

/* Columns of a panel; those of vectors that are turned back at a time; what is left to the unblocked routine. */
enum { PANEL = 32, TURNED = 64, LEAST = 64 };

typedef struct workspace {
    double *diagonal, *beside, *reflector; /* [n] each: the tridiagonal form, and scales of the reflections */
    double *panel;                         /* [n, PANEL] */
    double *work;                          /* [20 n + TURNED^2] */
    int *support, *iwork;                  /* [2 n], [10 n] */
} workspace;

static void release(workspace *w) {
    void *blocks[] = {w->diagonal, w->beside, w->reflector, w->panel, w->work, w->support, w->iwork};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
}

static fps_status reserve(workspace *w, int64_t n) {
    FPS_TRY(FPS_ALLOC(w->diagonal, n));
    FPS_TRY(FPS_ALLOC(w->beside, n));
    FPS_TRY(FPS_ALLOC(w->reflector, n));
    FPS_TRY(FPS_ALLOC(w->panel, n * PANEL));
    FPS_TRY(FPS_ALLOC(w->work, 20 * n + TURNED * TURNED));
    FPS_TRY(FPS_ALLOC(w->support, 2 * n));
    return FPS_ALLOC(w->iwork, 10 * n);
}

/* The loop of dsytrd for the lower triangle: reduce PANEL columns, then update what lies behind them. */
static fps_status reduce(int n, double *a, workspace *w, const fps_pulse *pulse) {
    int i = 0, info = 0;
    for (; n - i > LEAST; i += PANEL) {
        const int left = n - i, columns = PANEL, behind = left - PANEL;
        double *corner = a + (int64_t)i * n + i;
        dlatrd_("L", &left, &columns, corner, &n, w->beside + i, w->reflector + i, w->panel, &n);
        cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, behind, PANEL, -1, corner + PANEL, n, w->panel + PANEL, n,
                     1, corner + (int64_t)PANEL * n + PANEL, n);
        for (int j = 0; j < PANEL; j++) {
            corner[(int64_t)j * n + j + 1] = w->beside[i + j];
            w->diagonal[i + j] = corner[(int64_t)j * n + j];
        }
        if (fps_pulse_beat(pulse, 4.0 * PANEL * left * (double)left))
            return FPS_STOPPED;
    }
    const int left = n - i;
    dsytd2_("L", &left, a + (int64_t)i * n + i, &n, w->diagonal + i, w->beside + i, w->reflector + i, &info);
    return FPS_OK;
}

static fps_status solve(int n, workspace *w, double *value, double *vector) {
    const int work_size = 18 * n, iwork_size = 10 * n, one = 1;
    const double zero = 0;
    int found = 0, accurate = 1, info = 0;
    dstemr_("V", "A", &n, w->diagonal, w->beside, &zero, &zero, &one, &n, &found, value, vector, &n, &n, w->support,
            &accurate, w->work, &work_size, w->iwork, &iwork_size, &info);
    if (info != 0 || found != n)
        return fps_fail(FPS_ERROR_NUMERIC, "the eigenvalues of a matrix of size %d were not found (LAPACK dstemr: %d)",
                        n, info);
    return FPS_OK;
}

/* vector <- Q vector, where Q reduced the matrix. */
static fps_status turn_back(int n, const double *a, workspace *w, double *vector, const fps_pulse *pulse) {
    const int work_size = 20 * n + TURNED * TURNED;
    for (int first = 0; first < n; first += TURNED) {
        const int columns = n - first < TURNED ? n - first : TURNED;
        int info = 0;
        dormtr_("L", "L", "N", &n, &columns, a, &n, w->reflector, vector + (int64_t)first * n, &n, w->work, &work_size,
                &info);
        if (fps_pulse_beat(pulse, 2.0 * columns * (double)n * n))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

static bool is_finite(const double *value, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(value[i]))
            return false;
    return true;
}

fps_status fps_symmetric_eigen(int64_t n, double *matrix, double *value, double *vector, const fps_pulse *pulse) {
    workspace w = {0};
    fps_status status;
    if (!is_finite(matrix, n * n))
        return fps_fail(FPS_ERROR_NUMERIC, "a matrix of size %lld has entries that are not finite", (long long)n);
    FPS_TRY_GOTO(status, reserve(&w, n), done);
    FPS_TRY_GOTO(status, reduce((int)n, matrix, &w, pulse), done);
    FPS_TRY_GOTO(status, solve((int)n, &w, value, vector), done);
    status = turn_back((int)n, matrix, &w, vector, pulse);
done:
    release(&w);
    return status;
}
