/* precision.h: numeric code is written once against `real` and compiled twice.
 *
 * A file that includes a header marked "per precision" is compiled with FPS_PRECISION 32 or 64 (64 if not given).
 * Functions carry the suffix _single or _double in the object file; the source says the plain name.
 */
#ifndef FPSWEEP_PRECISION_H
#define FPSWEEP_PRECISION_H

/* Bits of `real` in the file that includes this header: 32 or 64. */
#ifndef FPS_PRECISION
#define FPS_PRECISION 64
#endif

/* The number type; what names of functions and of the libraries' functions are in it; its relative rounding. */
#if FPS_PRECISION == 32
typedef float real;
#define FPS_REAL_NAME(name) name##_single
#define FPS_FFTW(name) fftwf_##name
#define FPS_BLAS(name) cblas_s##name
#define FPS_LAPACK(name) LAPACKE_s##name
#define FPS_REAL_EPSILON 1.1920929e-7f
#elif FPS_PRECISION == 64
typedef double real;
#define FPS_REAL_NAME(name) name##_double
#define FPS_FFTW(name) fftw_##name
#define FPS_BLAS(name) cblas_d##name
#define FPS_LAPACK(name) LAPACKE_d##name
#define FPS_REAL_EPSILON 2.220446049250313e-16
#else
#error "FPS_PRECISION is 32 or 64"
#endif

/* Samples are padded to a multiple of this many (one AVX-512 register of floats), in both precisions. */
#define FPS_PADDING 16
#define FPS_PADDED(count) (((count) + FPS_PADDING - 1) / FPS_PADDING * FPS_PADDING)

#endif
