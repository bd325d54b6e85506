// One instruction set's table; ISA names it.
#include "kernels/isa.h"

#define TEXT_(name) #name
#define TEXT(name) TEXT_(name)

extern const Kernels FOR_ISA(kernels);

const Kernels FOR_ISA(kernels) = {
    .name = TEXT(ISA),
    .gemm_nn = FOR_ISA(gemm_nn),
    .gemm_tn = FOR_ISA(gemm_tn),
    .gemm_nt = FOR_ISA(gemm_nt),
    .sum_rows = FOR_ISA(sum_rows),
    .sum_tables = FOR_ISA(sum_tables),
    .add_to_tables = FOR_ISA(add_to_tables),
    .column_moments = FOR_ISA(column_moments),
    .standardize = FOR_ISA(standardize),
    .standardize_sums = FOR_ISA(standardize_sums),
    .standardize_backward = FOR_ISA(standardize_backward),
    .axpy = FOR_ISA(axpy),
    .sum_squares = FOR_ISA(sum_squares),
    .momentum = FOR_ISA(momentum),
    .adamw = FOR_ISA(adamw),
    .exp = FOR_ISA(exp),
    .log = FOR_ISA(log),
    .tanh = FOR_ISA(tanh),
    .relu = FOR_ISA(relu),
    .tanh_backward = FOR_ISA(tanh_backward),
    .relu_backward = FOR_ISA(relu_backward),
    .softmax = FOR_ISA(softmax),
    .softmax_rows = FOR_ISA(softmax_rows),
};
