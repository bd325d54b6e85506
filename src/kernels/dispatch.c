#include "kernels/kernels.h"

#include <stdio.h>
#include <string.h>

const Kernels *kernels = &kernels_scalar;

#if defined(NOMEN_NEON_TABLE)
extern const Kernels kernels_neon; // NEON is part of every arm64 processor
#elif defined(NOMEN_WASM_TABLE)
extern const Kernels kernels_wasm;
#elif defined(NOMEN_X86_TABLES)
extern const Kernels kernels_fma, kernels_avx2, kernels_avx512;

// __builtin_cpu_supports also checks that the operating system saves the registers.
static bool cpu_runs_fma(void) { return __builtin_cpu_supports("fma"); }

static bool cpu_runs_avx2(void) { return __builtin_cpu_supports("avx2") && cpu_runs_fma(); }

static bool cpu_runs_avx512(void) {
    return cpu_runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

const Kernels *kernels_available(size_t i) {
#if defined(NOMEN_NEON_TABLE)
    if (i == 1) return &kernels_neon;
#elif defined(NOMEN_WASM_TABLE)
    if (i == 1) return &kernels_wasm;
#elif defined(NOMEN_X86_TABLES)
    if (i == 0 && cpu_runs_fma()) return &kernels_fma;
    if (i == 1 && cpu_runs_avx2()) return &kernels_avx2;
    if (i == 2 && cpu_runs_avx512()) return &kernels_avx512;
#endif
    return i == 0 ? &kernels_scalar : NULL;
}

bool kernels_select(const char *name, Error *err) {
    char list[64] = "";
    bool any = !name || name[0] == '\0';
    const Kernels *chosen = NULL, *table;
    for (size_t i = 0; (table = kernels_available(i)); i++) {
        if (any || strcmp(table->name, name) == 0) chosen = table;
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "", table->name);
    }
    if (!chosen) return error_set(err, "NOMEN_ISA: expected one of %s on this CPU, found \"%s\"", list, name);
    kernels = chosen;
    return true;
}
