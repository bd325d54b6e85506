# nomen: `make deps demo` and `make deps check` are all a newcomer needs. CC, CPPFLAGS, CFLAGS, LDFLAGS, PKG_CONFIG, BUILD
# and SANITIZE can be set; WERROR=-Werror turns warnings into errors, as .ci/run does. .ci/cross shows how to build for
# another processor. make install takes PREFIX and DESTDIR; nothing but deps and lecture-data uses the network.

BUILD      ?= build
CFLAGS     ?= -O2 -g
WARNINGS   := -Wall -Wextra -Wpedantic -Wconversion -Wshadow
SANITIZE   ?=
# Anything but yes leaves hardening to whoever sets CFLAGS, CPPFLAGS and LDFLAGS, as Debian's packagers do.
HARDENING  ?= yes
PKG_CONFIG ?= pkg-config
# What the compiler builds for or, where `deps` has yet to install one, this machine.
ARCH       ?= $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)) $(shell uname -m))
# What runs the built programs where this machine cannot, such as qemu-aarch64.
RUN        ?=
# Where make install puts things; the program finds its configs from its own place, so PREFIX may be moved afterwards.
PREFIX     ?= /usr/local
DESTDIR    ?=
INSTALL    ?= install
TAR        ?= tar
# The program that writes the pages and completions: one that this machine can run.
HOST_NOMEN ?= $(runnable)
# The tests that `make check` runs, such as "kernels layers"; all of them where it is empty.
SUITES     ?=

sanitizers = $(if $(SANITIZE),-DNOMEN_SANITIZED -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# Checks of the library's calls need an optimizing compiler, and get in the sanitizers' way. macOS's linker knows no -z and
# does the like by itself.
ifeq ($(HARDENING)$(SANITIZE),yes)
  fortify   := $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  hardened  := -DNOMEN_HARDENED -fstack-protector-strong $(fortify) -fPIE
  link_hard := $(if $(filter Darwin,$(shell uname -s)),,-pie -Wl,-z,relro,-z,now)
endif
# C11 lets gcc compute floats as doubles on s390x; here a float stays one (src/base/real.h refuses anything else).
ifneq ($(filter s390x,$(ARCH)),)
  as_written := -fexcess-precision=fast
endif
# Contraction off: a fused multiply-add stands where the source writes one, and nowhere else.
compile = $(CC) -std=c11 -pthread -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -D_DARWIN_C_SOURCE -Isrc $(includes) $(WARNINGS) $(WERROR) $(hardened) $(CPPFLAGS) \
          $(CFLAGS) $(sanitizers) -ffp-contract=off $(as_written) -MMD -MP
link = $(CC) $(CFLAGS) -pthread $(sanitizers) $(link_hard) $(LDFLAGS)
# Asked for when a recipe runs, not when make starts: `deps` may have to install pkg-config first.
cjson_cflags = $(shell $(PKG_CONFIG) --cflags libcjson)
cjson_libs   = $(shell $(PKG_CONFIG) --libs libcjson)
check_cflags = $(shell $(PKG_CONFIG) --cflags check)
check_libs   = $(shell $(PKG_CONFIG) --libs check)

# The kernels are compiled once for each instruction set; the program picks one when it starts.
isa_sources := src/kernels/gemm.c src/kernels/elementwise.c src/kernels/rows.c src/kernels/columns.c src/kernels/softmax.c \
               src/kernels/update.c src/kernels/table.c
ifneq ($(filter x86_64 amd64,$(ARCH)),)
  isas      := avx2 avx512
  isa_flags := -DNOMEN_X86_TABLES
else ifneq ($(filter aarch64 arm64,$(ARCH)),)
  isas      := neon
  isa_flags := -DNOMEN_NEON_TABLE
endif
flags_avx2   := -mavx2 -mfma
flags_avx512 := $(flags_avx2) -mavx512f -mavx512dq -mavx512vl -mavx512bw

sources      := $(filter-out $(isa_sources),$(wildcard src/*.c src/*/*.c))
objects      := $(sources:src/%.c=$(BUILD)/%.o)
isa_objects  := $(foreach isa,$(isas),$(isa_sources:src/%.c=$(BUILD)/%.$(isa).o))
library      := $(filter-out $(BUILD)/main.o,$(objects)) $(isa_objects)
test_objects := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/*.c))
nomen        := $(BUILD)/nomen
tests        := $(BUILD)/tests/nomen-tests
# The program as one path, which the tests are given.
runnable     := $(if $(RUN),$(nomen).sh,$(nomen))
torturable    = $(if $(RUN),$(faulty).sh,$(faulty))
# The program with every call of its own to these made to fail at will, for the tests of what it does then.
faulty       := $(BUILD)/torture/nomen
torture_objects := $(BUILD)/torture/faults.o $(BUILD)/torture/arena.o
faulty_calls := open read write close fsync fchmod rename link unlink mkdir rmdir ftruncate pread pwrite stat lstat fstat realpath \
                opendir readdir flock pipe poll fork posix_spawnp pthread_create getentropy calloc free
# What make check-races and make check-memory run: every suite that does not start the program, without those that take
# minutes there, and of those that start it the ones with the most processes and signals, and with the most readers.
suites        = $(patsubst tests/test_%.c,%,$(wildcard tests/test_*.c))
race_suites   = $(filter-out cli_% faults gradcheck hardening interchange kills lecture load torch,$(suites)) cli_run cli_seeds
slow_there   := diagnose optimizers same_bits threads
# There posix_spawn does not hear that a program is missing, since valgrind makes a fork of it: process is left out.
memory_suites = $(filter-out $(slow_there) process cli_run cli_seeds,$(race_suites)) cli_info
memcheck     := valgrind -q --error-exitcode=9 --leak-check=full
# The fuzz targets, one a file of tests/fuzz, and how long make fuzz lets each of them run.
FUZZ         ?= $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 10
fuzz_objects := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%.o,$(wildcard tests/fuzz/*.c))
bench_objects := $(patsubst tests/bench/%.c,$(BUILD)/bench/%.o,$(wildcard tests/bench/*.c))
nomen_bench  := $(BUILD)/bench/nomen-bench

.PHONY: all docs install uninstall dist schema deps demo check check-races check-memory coverage torture check-long \
        check-shell check-browser lectures bench bench-sweep openblas-peer fuzz fuzzers lint analyze lecture-data golden clean
all: $(nomen)

$(nomen): $(BUILD)/main.o $(library)
	$(link) $^ $(cjson_libs) -lm -o $@

# There every allocation is one by itself, not a part of a block.
$(faulty): $(torture_objects) $(BUILD)/main.o $(filter-out $(BUILD)/base/arena.o,$(library))
	$(link) $(faulty_calls:%=-Wl,--wrap=%) $^ $(cjson_libs) -lm -o $@

$(BUILD)/torture/faults.o: tests/torture/faults.c
	@mkdir -p $(@D)
	$(compile) $(cjson_cflags) -c $< -o $@

$(BUILD)/torture/arena.o: src/base/arena.c
	@mkdir -p $(@D)
	$(compile) -DARENA_BLOCK_BYTES=0 -c $< -o $@

$(nomen).sh $(faulty).sh: %.sh: %
	printf '#!/bin/sh\nexec %s %s "$$@"\n' '$(RUN)' '$(abspath $<)' > $@
	chmod +x $@

$(tests): $(test_objects) $(library)
	$(link) $^ $(cjson_libs) $(check_libs) -lm -o $@

$(BUILD)/kernels/reference.o: private CFLAGS += -O3

$(objects): $(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(compile) $(isa_flags) $(cjson_cflags) -c $< -o $@

# The report page's files, as lists of numbers that a source file includes.
report_files := $(patsubst src/cmd/%,$(BUILD)/cmd/%.inc,$(wildcard src/cmd/report*.html src/cmd/report*.css src/cmd/report*.js))
$(BUILD)/cmd/report_files.o: private includes := -I$(BUILD)/cmd
$(BUILD)/cmd/report_files.o: $(report_files)
$(report_files): $(BUILD)/cmd/%.inc: src/cmd/%
	@mkdir -p $(@D)
	od -An -v -tx1 $< | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' > $@.tmp
	@mv $@.tmp $@

# -O3 stands behind CFLAGS on purpose: the kernels' speed is measured with it, and CFLAGS=-O2 is not about them.
define isa_rule
$(BUILD)/%.$(1).o: src/%.c
	@mkdir -p $$(@D)
	$$(compile) -O3 $$(flags_$(1)) -DISA=$(1) -c $$< -o $$@
endef
$(foreach isa,$(isas),$(eval $(call isa_rule,$(isa))))

$(test_objects): $(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(compile) -Itests $(cjson_cflags) $(check_cflags) -c $< -o $@

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d)

# Other flags, other objects.
$(objects) $(isa_objects) $(test_objects) $(bench_objects) $(torture_objects): Makefile

# Where the same call of make is to install what the build needs, that comes first, under -j too.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(objects) $(isa_objects) $(test_objects) $(bench_objects) $(torture_objects): | deps
endif

deps:
	@sh .ci/deps

# Trains the config we ship to its end and makes up names from it, likely ones first.
demo: $(nomen)
	$(RUN) $(nomen) train configs/mlp.json --run $(BUILD)/demo --force
	$(RUN) $(nomen) sample $(BUILD)/demo -n 20 -t 0.5,1.0,1.5

check: $(runnable) $(torturable) $(tests)
	NOMEN=$(runnable) NOMEN_FAULTY=$(torturable) $(RUN) $(tests) $(SUITES)

# Every fault there is, one by one: each call fails, each change of a file is the last, 200 kills at random moments.
torture: $(runnable) $(torturable) $(tests)
	NOMEN_TORTURE=1 CK_TIMEOUT_MULTIPLIER=60 NOMEN=$(runnable) NOMEN_FAULTY=$(torturable) $(RUN) $(tests) faults kills load

# Hostile bytes for every reader of files and words, in a build of its own by clang. What ends one is kept in
# build/fuzz/found.
fuzz:
	+@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZ)

fuzzers: $(FUZZ:%=$(BUILD)/fuzz/%)

$(fuzz_objects): $(BUILD)/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(compile) $(cjson_cflags) -c $< -o $@

$(BUILD)/fuzz/%: $(BUILD)/fuzz/fuzz_%.o $(BUILD)/fuzz/fuzz.o $(library)
	$(CC) $(CFLAGS) -pthread $(sanitizers) -fsanitize=fuzzer $(LDFLAGS) -Wl,--wrap=sysconf $^ $(cjson_libs) -lm -o $@

covered = CK_TIMEOUT_MULTIPLIER=10 $(MAKE) BUILD=$(BUILD)/coverage HARDENING=no CFLAGS='-O0 -g --coverage -fprofile-update=atomic'

# Which branches of src/ the tests take (tests/coverage.md), for which gcovr is needed. Three tests fail in this build
# and count all the same: where no file may grow or be opened, those of the counts may not, and gcov says so.
coverage:
	rm -f $(BUILD)/coverage.known
	-NOMEN_FAULT_KNOWN='$(abspath $(BUILD))/coverage.known' $(covered) check
	gcovr -r . --filter src/ --branches --json-summary $(BUILD)/coverage.json $(BUILD)/coverage
	@python3 tests/coverage.py $(BUILD)/coverage.json

# The thread sanitizer's map of memory does not fit every place that a kernel may choose at random; setarch, where it is
# allowed, has it choose none.
fixed_addresses = $(shell setarch -R true 2>/dev/null && echo setarch -R)

# The tests in builds of their own: by clang under thread sanitizer, and under valgrind.
check-races:
	+CK_TIMEOUT_MULTIPLIER=10 $(fixed_addresses) $(MAKE) BUILD=$(BUILD)/races CC=clang SANITIZE=thread SUITES='$(race_suites)' check

check-memory:
	+CK_TIMEOUT_MULTIPLIER=20 $(MAKE) BUILD=$(BUILD)/memory CFLAGS='-O1 -g' RUN='$(memcheck)' SUITES='$(memory_suites)' check

# The lectures' full runs: 200,000 steps each.
check-long: $(runnable) $(tests)
	NOMEN=$(runnable) $(RUN) $(tests) long

# The report page in headless Chromium, for which Node.js and its packages are needed; skipped where they cannot be had.
check-browser: $(nomen)
	tests/browser/run $(BUILD)

# What people and packagers type: the README's commands, installing, both shells' completions, the schema by a validator
# from npm. CHECK names suites to run in the unpacked archive, too.
check-shell: $(nomen) $(tests) docs
	BUILD=$(BUILD) tests/shell/readme
	+BUILD=$(BUILD) CHECK='$(CHECK)' tests/shell/install
	@if command -v zsh >/dev/null; then BUILD=$(BUILD) tests/shell/zsh; else echo "skipped: completion in zsh (not here)"; fi
	@BUILD=$(BUILD) tests/shell/schema/run

# Every config of the lectures beside the lectures' figures, two at a time; each one's table comes whole, when it is done.
lectures: $(nomen)
	@test -f data/lecture/names.txt || { echo "the lectures' names are not here: make lecture-data fetches them"; exit 1; }
	@mkdir -p $(BUILD)/lectures
	ls -S configs/lectures/*.json | xargs -P 2 -I CONFIG sh -c 'table=$(BUILD)/lectures/$$(basename CONFIG .json).txt; \
	    $(nomen) verify CONFIG > $$table 2>&1; status=$$?; cat $$table; exit $$status'

# What our work costs beside others', in one table; RUNS=N sets the repetitions. bench-sweep: beside its arithmetic.
bench: $(nomen) $(nomen_bench) openblas-peer
	python3 tests/bench/bench.py $(BUILD) $(RUNS)

bench-sweep: $(nomen_bench)
	python3 tests/bench/sweep.py $(BUILD) $(RUNS)

$(bench_objects): $(BUILD)/bench/%.o: tests/bench/%.c
	@mkdir -p $(@D)
	$(compile) $(cjson_cflags) -c $< -o $@

$(nomen_bench): $(BUILD)/bench/bench.o $(BUILD)/bench/worker.o $(BUILD)/bench/peak.o $(library)
	$(link) $^ $(cjson_libs) -lm -o $@

# Linked with the first that the linker knows; where there is none, the table does without. The last form needs no
# -dev package.
openblas-peer: $(BUILD)/bench/openblas.o $(BUILD)/bench/worker.o
	@rm -f $(BUILD)/bench/openblas; for library in "$$($(PKG_CONFIG) --libs openblas 2>/dev/null || echo -lopenblas)" \
	    -lopenblas -l:libopenblas.so.0; do \
	    $(link) $^ $$library -lm -o $(BUILD)/bench/openblas 2>/dev/null && break; \
	done; true

# The pages of all commands, and both shells' completions.
commands := $(sort $(shell sed -n 's/.*[.]command = "\(.*\)",/\1/p' src/cmd/*.c))
pages    := $(BUILD)/man/nomen.1 $(BUILD)/man/nomen-config.5 $(commands:%=$(BUILD)/man/nomen-%.1)
docs: $(pages) $(BUILD)/completion/nomen.bash $(BUILD)/completion/_nomen

define generate
@mkdir -p $(@D)
$(HOST_NOMEN) $(1) > $@.tmp
@mv $@.tmp $@
endef
$(BUILD)/man/nomen.1: $(runnable)
	$(call generate,man)
$(BUILD)/man/nomen-config.5: $(runnable)
	$(call generate,man config)
$(BUILD)/man/nomen-%.1: $(runnable)
	$(call generate,man $*)
$(BUILD)/completion/nomen.bash: $(runnable)
	$(call generate,completion bash)
$(BUILD)/completion/_nomen: $(runnable)
	$(call generate,completion zsh)

# By the environment, where a quote in them means nothing.
install uninstall dist: export BUILD := $(BUILD)
install uninstall dist: export PREFIX := $(PREFIX)
install uninstall dist: export DESTDIR := $(DESTDIR)
install uninstall dist: export INSTALL := $(INSTALL)
install uninstall dist: export TAR := $(TAR)
install: $(nomen) docs
	@sh .make/install

uninstall:
	@sh .make/uninstall

dist:
	@sh .make/dist

# After a change to the config's tables; a test says when it is due.
schema: $(runnable)
	$(HOST_NOMEN) schema > $(BUILD)/schema.json
	mv $(BUILD)/schema.json configs/schema.json

lint:
	sh tests/lint.sh

# Minutes, for which clang-tidy and cppcheck are needed.
analyze: $(report_files)
	@sh tests/analyze.sh -std=c11 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -Isrc -I$(BUILD)/cmd $(cjson_cflags)

lecture-data:
	sh tests/lecture-data.sh

# Needs python3-torch; the values are committed, so nobody else needs it.
golden:
	python3 tests/golden/make_golden.py > tests/golden/golden.h.tmp
	python3 tests/golden/make_softmax.py > tests/golden/golden_softmax.h.tmp
	python3 tests/golden/make_networks.py > tests/golden/golden_networks.h.tmp
	python3 tests/golden/make_optimizers.py > tests/golden/golden_optimizers.h.tmp
	mv tests/golden/golden.h.tmp tests/golden/golden.h
	mv tests/golden/golden_softmax.h.tmp tests/golden/golden_softmax.h
	mv tests/golden/golden_networks.h.tmp tests/golden/golden_networks.h
	mv tests/golden/golden_optimizers.h.tmp tests/golden/golden_optimizers.h

clean:
	rm -rf $(BUILD)
