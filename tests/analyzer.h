// For clang-tidy, which sees one source file at a time: functions that set an error always return false.
#include "base/error.h"

#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_usage(...) ((void)error_usage(__VA_ARGS__), false)
#define error_context(...) ((void)error_context(__VA_ARGS__), false)
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), false)
#define error_if_memory_ran_out(...) ((void)error_if_memory_ran_out(__VA_ARGS__), false)
#define error_system(...) ((void)error_system(__VA_ARGS__), false)
