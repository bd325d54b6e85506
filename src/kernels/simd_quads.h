// The virtual vector of simd.h in four registers of four floats, for NEON and WebAssembly. The header that includes
// this one defines Register and r_load, r_store, r_set1, r_add, r_mul, r_max, r_fma, r_get(a, i) and r_put(a, i, x).
#pragma once

typedef Register Quarter;
typedef struct V16 {
    Register r0, r1, r2, r3;
} V16;

#define EACH0(x) ((V16){x, x, x, x})
#define EACH1(type, f, a) ((type){f((a).r0), f((a).r1), f((a).r2), f((a).r3)})
#define EACH2(type, f, a, b) ((type){f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2), f((a).r3, (b).r3)})
#define EACH3(type, f, a, b, c) \
    ((type){f((a).r0, (b).r0, (c).r0), f((a).r1, (b).r1, (c).r1), f((a).r2, (b).r2, (c).r2), f((a).r3, (b).r3, (c).r3)})
#define REGISTERS(X) X(r0) X(r1) X(r2) X(r3)

// Neither instruction set has masks for memory: the lanes of the register that n cuts go one by one.
INLINE Register load_part(const float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) return r_load(p + begin);
    if (n >= begin + 1) a = r_put(a, 0, p[begin]);
    if (n >= begin + 2) a = r_put(a, 1, p[begin + 1]);
    if (n >= begin + 3) a = r_put(a, 2, p[begin + 2]);
    return a;
}
INLINE void store_part(float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) {
        r_store(p + begin, a);
        return;
    }
    if (n >= begin + 1) p[begin] = r_get(a, 0);
    if (n >= begin + 2) p[begin + 1] = r_get(a, 1);
    if (n >= begin + 3) p[begin + 2] = r_get(a, 2);
}
INLINE V16 v16_load(const float *p) { return (V16){r_load(p), r_load(p + 4), r_load(p + 8), r_load(p + 12)}; }
INLINE void v16_store(float *p, V16 a) {
    r_store(p, a.r0);
    r_store(p + 4, a.r1);
    r_store(p + 8, a.r2);
    r_store(p + 12, a.r3);
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    Register rest = r_set1(fill);
    return (V16){load_part(p, 0, n, rest), load_part(p, 4, n, rest), load_part(p, 8, n, rest),
                 load_part(p, 12, n, rest)};
}
INLINE void v16_store_part(float *p, V16 a, size_t n) {
    store_part(p, 0, n, a.r0);
    store_part(p, 4, n, a.r1);
    store_part(p, 8, n, a.r2);
    store_part(p, 12, n, a.r3);
}

#define QUARTER(a, i) ((a).r##i)
INLINE V16 v16_join(Quarter q0, Quarter q1, Quarter q2, Quarter q3) { return (V16){q0, q1, q2, q3}; }
INLINE V16 v16_repeat_four(const float *p) { return EACH0(r_load(p)); }
INLINE V16 v16_spread_four(const float *p) { return (V16){r_set1(p[0]), r_set1(p[1]), r_set1(p[2]), r_set1(p[3])}; }

#define q_load r_load
#define q_store r_store
#define q_set1 r_set1
#define q_add r_add
#define q_mul r_mul
#define q_fma r_fma
#define q_max r_max
#define q_first(a) r_get(a, 0)
