// The page's memory as base/arena.c asks the system for it: 1 GiB, which src/web/web.mk gives the module at most.
#include <unistd.h>

enum { PAGE_BYTES = 1 << 16, MOST_PAGES = 1 << 14 };

long sysconf(int name) { return name == _SC_PHYS_PAGES ? MOST_PAGES : name == _SC_PAGESIZE ? PAGE_BYTES : -1; }
