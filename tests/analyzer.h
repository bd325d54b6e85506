// For clang-tidy, which sees one source file at a time: functions that set an error always return false, and processes
// agree only if this one is ok.
#include "base/error.h"
#include "world/world.h"

#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_usage(...) ((void)error_usage(__VA_ARGS__), false)
#define error_context(...) ((void)error_context(__VA_ARGS__), false)
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), false)
#define error_if_memory_ran_out(...) ((void)error_if_memory_ran_out(__VA_ARGS__), false)
#define error_system(...) ((void)error_system(__VA_ARGS__), false)
#define world_agree(world, ok, err)              \
    __extension__({                              \
        bool is_ok = (ok);                       \
        world_agree(world, is_ok, err) && is_ok; \
    })
