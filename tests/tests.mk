# Tests, checks and benchmarks for developers and CI (.ci/run). `make check` is in the Makefile.

test_objects := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/main.c tests/cli/*.c tests/unit/*/*.c tests/torture/test_*.c))
tests        := $(BUILD)/tests/nomen-tests
suites        = $(patsubst test_%.c,%,$(notdir $(wildcard tests/unit/*/test_*.c)))
# check-races leaves out suites that take minutes under the thread sanitizer, and check-memory those that take minutes under
# valgrind. Of the suites that start the program, check-races runs the two with the most processes and signals.
race_suites   = $(filter-out gradcheck,$(suites)) same_bits cli_run cli_seeds
memory_suites = $(filter-out gradcheck diagnose hash kernels optimizers shards threads process,$(suites)) cli_info
memcheck     := valgrind -q --error-exitcode=9 --leak-check=full
check_cflags  = $(shell $(PKG_CONFIG) --cflags check)
check_libs    = $(shell $(PKG_CONFIG) --libs check)

.PHONY: torture check-long check-races check-memory coverage fuzz fuzzers check-shell check-mpi check-browser check-web bench-sweep bench-mpi bench-web \
        openblas-peer lint analyze golden

$(tests): $(test_objects) $(library)
	$(call say,LINK,$@)$(link) $^ $(deps_libs) $(check_libs) -lm -o $@

$(test_objects): $(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) -Itests $(deps_cflags) $(check_cflags) -c $< -o $@

# The program with every call of its own to these made to fail at will.
faulty       := $(BUILD)/torture/nomen
torturable    = $(if $(RUN),$(faulty).sh,$(faulty))
torture_objects := $(BUILD)/torture/faults.o $(BUILD)/torture/arena.o
faulty_calls := open read write close fsync fchmod rename unlink mkdir rmdir ftruncate stat lstat fstat realpath opendir readdir \
                flock fork tmpfile mmap posix_spawnp pthread_create getentropy calloc free

# In this program every allocation is a block of its own.
$(faulty): $(torture_objects) $(BUILD)/main.o $(filter-out $(BUILD)/base/arena.o,$(library))
	$(call say,LINK,$@)$(link) $(faulty_calls:%=-Wl,--wrap=%) $^ $(deps_libs) -lm -o $@

$(BUILD)/torture/faults.o: tests/torture/faults.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(deps_cflags) -c $< -o $@

$(BUILD)/torture/arena.o: src/base/arena.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) -DARENA_BLOCK_BYTES=0 -c $< -o $@

torture: $(runnable) $(torturable) $(tests) ## test every fault and the full load: 11 minutes
	$(call say,TEST,faults kills load)NOMEN_TORTURE=1 CK_TIMEOUT_MULTIPLIER=60 NOMEN=$(runnable) NOMEN_FAULTY=$(torturable) $(RUN) $(tests) faults kills load

check-long: $(runnable) $(tests) ## check the lectures' runs of 200,000 steps
	$(call say,TEST,long)NOMEN=$(runnable) $(RUN) $(tests) long

# The thread sanitizer's memory map does not fit every randomized address layout; setarch, if permitted, disables the layout.
fixed_addresses = $(shell setarch -R true 2>/dev/null && echo setarch -R)

check-races: ## run most suites under the thread sanitizer (clang)
	+CK_TIMEOUT_MULTIPLIER=10 $(fixed_addresses) $(MAKE) BUILD=$(BUILD)/races CC=clang SANITIZE=thread SUITES='$(race_suites)' check

check-memory: ## run most suites under valgrind
	+CK_TIMEOUT_MULTIPLIER=20 $(MAKE) BUILD=$(BUILD)/memory CFLAGS='-O1 -g' RUN='$(memcheck)' SUITES='$(memory_suites)' check

covered = CK_TIMEOUT_MULTIPLIER=10 $(MAKE) BUILD=$(BUILD)/coverage HARDENING=no CFLAGS='-O0 -g --coverage -fprofile-update=atomic'

# Tests that limit the number or size of files fail in this build, because gcov writes files of its own; they count all the same.
coverage: ## measure the branches that the tests take (gcovr)
	rm -f $(BUILD)/coverage.known
	-NOMEN_FAULT_KNOWN='$(abspath $(BUILD))/coverage.known' $(covered) check
	gcovr -r . --filter src/ --branches --json-summary $(BUILD)/coverage.json $(BUILD)/coverage
	@python3 tests/tools/coverage.py $(BUILD)/coverage.json

# The fuzz targets, one per file of tests/fuzz, and the seconds that each runs. Failing inputs go to build/fuzz/found.
FUZZ         ?= $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 10
fuzz_objects := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%.o,$(wildcard tests/fuzz/*.c))

fuzz: ## fuzz every reader (FUZZ="config model" FUZZ_SECONDS=60)
	+@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZ)

fuzzers: $(FUZZ:%=$(BUILD)/fuzz/%)

$(fuzz_objects): $(BUILD)/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(deps_cflags) -c $< -o $@

$(BUILD)/fuzz/%: $(BUILD)/fuzz/fuzz_%.o $(BUILD)/fuzz/fuzz.o $(library)
	$(call say,LINK,$@)$(CC) $(CFLAGS) -pthread $(sanitizers) -fsanitize=fuzzer $(LDFLAGS) -Wl,--wrap=sysconf $^ $(deps_libs) -lm -o $@

check-browser: $(nomen) ## check the report page in headless Chromium
	tests/browser/report $(BUILD)

check-web: $(nomen) web ## check the page that trains in headless Chromium
	tests/browser/page $(BUILD)

check-shell: $(nomen) $(tests) docs ## run the pages' commands, install, completion, schema
	BUILD=$(BUILD) tests/shell/readme
	+BUILD=$(BUILD) CHECK='$(CHECK)' tests/shell/install
	@if command -v zsh >/dev/null; then BUILD=$(BUILD) tests/shell/zsh; else echo "skipped: completion in zsh (not here)"; fi
	@BUILD=$(BUILD) tests/shell/schema/run

# Two tests at a time, because they mostly wait; first the longest.
# With MPICH: make BUILD=build/mpich MPICC=mpicc.mpich MPIRUN=mpirun.mpich check-mpi.
check-mpi: $(nomen) $(nomen_mpi) ## test nomen-mpi in 1 to 4 processes
	@printf '%s\n' mpi-faults mpi mpi-counts mpi-group | BUILD=$(BUILD) CC='$(CC)' xargs -P 2 -I TEST \
	    sh -c 'tests/shell/TEST || echo "FAILED: tests/shell/TEST"' | \
	    awk '/^[0-9]+ passed, / { passed += $$1; failed += $$3; next } /^FAILED: tests/ { broken = 1 } { print; fflush() } \
	         END { printf "%d passed, %d failed\n", passed, failed; exit failed || broken }'

bench_objects := $(patsubst tests/bench/%.c,$(BUILD)/bench/%.o,$(wildcard tests/bench/*.c))
nomen_bench   := $(BUILD)/bench/nomen-bench

bench-sweep: $(nomen_bench) ## measure a step beside its arithmetic
	python3 tests/bench/sweep.py $(BUILD) $(RUNS)

$(bench_objects): $(BUILD)/bench/%.o: tests/bench/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(deps_cflags) -c $< -o $@

$(nomen_bench): $(BUILD)/bench/bench.o $(BUILD)/bench/worker.o $(BUILD)/bench/peak.o $(library)
	$(call say,LINK,$@)$(link) $^ $(deps_libs) -lm -o $@

nomen_bench_mpi := $(BUILD)/bench/nomen-bench-mpi
$(nomen_bench_mpi): private override CC = $(MPICC)
$(nomen_bench_mpi): $(BUILD)/bench/processes.o $(BUILD)/world/mpi.o $(filter-out $(BUILD)/world/alone.o,$(library))
	$(call say,LINK,$@)$(link) $^ $(deps_libs) -lm -o $@

bench-web: $(nomen) web ## measure the page that trains beside the program
	work=$(abspath $(BUILD))/browser && . tests/browser/prepare && node tests/bench/web.mjs $(BUILD) $(RUNS)

bench-mpi: $(nomen_bench_mpi) ## measure a step of several processes
	python3 tests/bench/processes.py $(BUILD) $(RUNS)

# Tries the names under which linkers know OpenBLAS; the last one needs no -dev package. Without OpenBLAS the table omits it.
openblas-peer: $(BUILD)/bench/openblas.o $(BUILD)/bench/worker.o
	@rm -f $(BUILD)/bench/openblas; for library in "$$($(PKG_CONFIG) --libs openblas 2>/dev/null || echo -lopenblas)" \
	    -lopenblas -l:libopenblas.so.0; do \
	    $(link) $^ $$library -lm -o $(BUILD)/bench/openblas 2>/dev/null && break; \
	done; true

lint: ## check the house rules
	sh tests/tools/lint.sh

analyze: $(page_files) ## look for bugs with clang-tidy and cppcheck
	@sh tests/tools/analyze.sh -std=c11 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -Isrc -I$(BUILD)/draw/report $(deps_cflags)

golden: ## compute the expected values with PyTorch
	for name in random networks optimizers softmax microgpt; do \
	    header=tests/golden/golden_$$name.h; \
	    python3 tests/golden/make.py $$name > $$header.tmp && mv $$header.tmp $$header || exit 1; \
	done

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/*/*/*/*.d)

# Other flags make other objects.
all_objects = $(objects) $(isa_objects) $(test_objects) $(bench_objects) $(torture_objects)
$(all_objects): Makefile src/build.mk
# `make deps all` installs before it compiles, under -j too.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(all_objects): | deps
endif
