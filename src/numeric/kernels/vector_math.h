/* vector_math.h: the elementary functions that the vectorizer may call in whole registers (libmvec of the GNU C
 * library).
 *
 * gcc calls libmvec by itself only under -ffast-math, which would also fold isfinite() to 1; declaring the functions
 * `simd` allows the calls and nothing else. Elsewhere (clang, other C libraries, other processors) the same loops call
 * the scalar functions. libmvec has exp, log, sin, cos, pow since glibc 2.22, the others since 2.35.
 */
#ifndef FPSWEEP_NUMERIC_KERNELS_VECTOR_MATH_H
#define FPSWEEP_NUMERIC_KERNELS_VECTOR_MATH_H

#include <math.h>

#include "fpsweep/precision.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__)
#define FPS_SIMD __attribute__((simd("notinbranch")))
#if __GLIBC_PREREQ(2, 22)
FPS_SIMD float expf(float);
FPS_SIMD double exp(double);
FPS_SIMD float sinf(float);
FPS_SIMD double sin(double);
/* Under names of our own: gcc would merge sin(z) and cos(z) into one call of the scalar sincos. */
FPS_SIMD __attribute__((const)) float fps_cosf(float) __asm__("cosf");
FPS_SIMD __attribute__((const)) double fps_cos(double) __asm__("cos");
#define FPS_HAS_OWN_COS 1
FPS_SIMD float powf(float, float);
FPS_SIMD double pow(double, double);
#endif
#if __GLIBC_PREREQ(2, 35)
FPS_SIMD float tanhf(float);
FPS_SIMD double tanh(double);
FPS_SIMD float expm1f(float);
FPS_SIMD double expm1(double);
FPS_SIMD float log1pf(float);
FPS_SIMD double log1p(double);
FPS_SIMD float erff(float);
FPS_SIMD double erf(double);
#endif
#endif

#if FPS_PRECISION == 32
#define real_exp expf
#define real_sin sinf
#define real_pow powf
#define real_tanh tanhf
#define real_expm1 expm1f
#define real_log1p log1pf
#define real_erf erff
#define real_abs fabsf
#define real_sqrt sqrtf
#else
#define real_exp exp
#define real_sin sin
#define real_pow pow
#define real_tanh tanh
#define real_expm1 expm1
#define real_log1p log1p
#define real_erf erf
#define real_abs fabs
#define real_sqrt sqrt
#endif
#if defined(FPS_HAS_OWN_COS) && FPS_PRECISION == 32
#define real_cos fps_cosf
#elif defined(FPS_HAS_OWN_COS)
#define real_cos fps_cos
#elif FPS_PRECISION == 32
#define real_cos cosf
#else
#define real_cos cos
#endif

#endif
