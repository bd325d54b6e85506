# nomen. A newcomer needs `make deps demo` and `make help`. Set CC, CPPFLAGS, CFLAGS, LDFLAGS, PKG_CONFIG and BUILD to
# taste; V=1 shows the commands. src/build.mk compiles, tests/tests.mk tests, tests/tools/package.mk installs and packs.

BUILD      ?= build
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr/local
# The suites that `make check` runs, such as "kernels layers". Empty means all of them.
SUITES     ?=

.PHONY: all mpi deps deps-mpi demo check lectures lecture-data bench install uninstall help clean

all: $(BUILD)/nomen ## build build/nomen

include src/build.mk src/web/web.mk tests/tests.mk tests/tools/package.mk

mpi: $(nomen_mpi) ## build build/nomen-mpi, which trains in many processes (needs MPI: make deps-mpi)

deps: ## install the compiler, cJSON, Check and gnuplot
	@sh tests/tools/deps

deps-mpi: ## install Open MPI, for make mpi
	@sh tests/tools/deps mpi

demo: $(nomen) ## train the MLP on the shipped names and sample from it
	$(RUN) $(nomen) train configs/mlp.json --run $(BUILD)/demo --force
	$(RUN) $(nomen) sample $(BUILD)/demo -n 20 -t 0.5,1.0,1.5

check: $(runnable) $(torturable) $(tests) ## run the tests (SUITES="kernels layers": those two)
	$(call say,TEST,$(or $(SUITES),all suites))NOMEN=$(runnable) NOMEN_FAULTY=$(torturable) $(RUN) $(tests) $(SUITES)

lecture-data: ## download the names file of the lectures
	sh tests/tools/lecture-data.sh

lectures: $(nomen) ## train the lectures' networks, compare the results
	@sh tests/tools/lectures.sh $(BUILD)

bench: $(nomen) $(nomen_bench) openblas-peer ## measure speed beside PyTorch and OpenBLAS
	python3 tests/bench/bench.py $(BUILD) $(RUNS)

install: $(nomen) docs ## install everything below PREFIX
	@sh tests/tools/install

# `make lecture-data install` fetches before it installs, under -j too.
ifneq ($(filter lecture-data,$(MAKECMDGOALS)),)
install: | lecture-data
endif

uninstall: ## remove what install put there
	@sh tests/tools/uninstall

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

clean: ## remove everything that was built
	rm -rf $(BUILD)
