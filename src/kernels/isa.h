// One build of the kernels: every entry as a function with the build's name, such as gemm_nn_avx2. ISA is that name.
// Each function does what kernels.h says about its entry.
#pragma once

#include "kernels/kernels.h"

#ifndef ISA
#define ISA scalar
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define FOR_ISA(name) JOIN(name, ISA)

#define DECLARE_ENTRY(entry) __typeof__(*((Kernels *)0)->entry) FOR_ISA(entry);
KERNEL_ENTRIES(DECLARE_ENTRY)

// The initializers of the build's table.
#define TABLE_ENTRY(entry) .entry = FOR_ISA(entry),
#define TABLE_OF_ISA KERNEL_ENTRIES(TABLE_ENTRY)
