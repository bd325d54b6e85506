// How many floating-point operations a second one core does at the very most.
#ifndef NOMEN_BENCH_PEAK_H
#define NOMEN_BENCH_PEAK_H

// Floating-point operations a second, by fused multiply-adds on vectors as wide as the named kernel table's that wait
// for nothing but each other's ports. "scalar" gives what the C library's fmaf does, as the plain kernels call it.
double fma_peak(const char *table);

#endif
