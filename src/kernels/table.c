// The table of one instruction set.
#include "kernels/isa.h"

#define TEXT_(name) #name
#define TEXT(name) TEXT_(name)

extern const Kernels FOR_ISA(kernels);

const Kernels FOR_ISA(kernels) = {.name = TEXT(ISA), TABLE_OF_ISA};
