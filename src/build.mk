# How the program is compiled. WERROR=-Werror turns warnings into errors; SANITIZE=address,undefined builds with sanitizers.

WARNINGS  := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers
SANITIZE  ?=
# Anything but yes leaves hardening to CFLAGS, CPPFLAGS and LDFLAGS, as Debian's packagers prefer.
HARDENING ?= yes
# The target processor: the compiler's or, before `make deps` has installed a compiler, this machine's.
ARCH      ?= $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)) $(shell uname -m))
# A command that runs the built programs, such as qemu-aarch64 after cross compilation.
RUN       ?=

sanitizers = $(if $(SANITIZE),-DNOMEN_SANITIZED -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# _FORTIFY_SOURCE needs an optimizing compiler and conflicts with sanitizers. macOS's linker has no -z and needs none.
ifeq ($(HARDENING)$(SANITIZE),yes)
  fortify   := $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  hardened  := -DNOMEN_HARDENED -fstack-protector-strong $(fortify) -fPIE
  link_hard := $(if $(filter Darwin,$(shell uname -s)),,-pie -Wl,-z,relro,-z,now)
endif
# On s390x C11 lets gcc compute floats as doubles; results must be float (src/base/real.h refuses anything else).
ifneq ($(filter s390x,$(ARCH)),)
  as_written := -fexcess-precision=fast
endif
# No contraction: only the fused multiply-adds that the source writes.
compile = $(CC) -std=c11 -pthread -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -D_DARWIN_C_SOURCE -Isrc $(includes) $(WARNINGS) $(WERROR) $(hardened) $(CPPFLAGS) \
          $(CFLAGS) $(sanitizers) -ffp-contract=off $(as_written) -MMD -MP
link = $(CC) $(CFLAGS) -pthread $(sanitizers) $(link_hard) $(LDFLAGS)
# Begins a command: $(call say,CC,FILE) shows that line instead of the command. `make -s` shows neither.
ifneq ($(V),1)
  tab := $(empty)	$(empty)
  say  = @$(if $(findstring s,$(firstword $(filter-out --%,-$(MAKEFLAGS)))),,$(info $(empty)  $(1)$(tab)$(2)))
endif
# Evaluated when a recipe runs: `deps` may have to install pkg-config first.
deps_cflags = $(shell $(PKG_CONFIG) --cflags libcjson libutf8proc)
deps_libs   = $(shell $(PKG_CONFIG) --libs libcjson libutf8proc)

# The kernels are compiled once for each instruction set; the program picks one when it starts. On x86-64 the reference is
# compiled again as `fma`: every processor runs the first build, almost every one the second, which is much faster.
isa_sources := src/kernels/gemm.c src/kernels/elementwise.c src/kernels/rows.c src/kernels/columns.c src/kernels/softmax.c \
               src/kernels/attention.c src/kernels/table.c
ifneq ($(filter x86_64 amd64,$(ARCH)),)
  isas      := fma avx2 avx512
  isa_flags := -DNOMEN_X86_TABLES
else ifneq ($(filter aarch64 arm64,$(ARCH)),)
  isas      := neon
  isa_flags := -DNOMEN_NEON_TABLE
endif
reference    := src/kernels/reference.c src/kernels/reference_attention.c
sources_fma  := $(reference)
flags_fma    := -mfma
flags_avx2   := -mavx2 -mfma
flags_avx512 := $(flags_avx2) -mavx512f -mavx512dq -mavx512vl -mavx512bw -mprefer-vector-width=512

sources     := $(filter-out src/web/% src/kernels/updates.c $(isa_sources) src/world/mpi.c,$(wildcard src/*.c src/*/*.c src/*/*/*.c))
objects     := $(sources:src/%.c=$(BUILD)/%.o)
isa_objects := $(foreach isa,$(isas),$(patsubst src/%.c,$(BUILD)/%.$(isa).o,$(or $(sources_$(isa)),$(isa_sources))))
library     := $(filter-out $(BUILD)/main.o,$(objects)) $(isa_objects)
nomen       := $(BUILD)/nomen
# The program as one path, which tests and generated pages run.
runnable    := $(if $(RUN),$(nomen).sh,$(nomen))

$(nomen): $(BUILD)/main.o $(library)
	$(call say,LINK,$@)$(link) $^ $(deps_libs) -lm -o $@

# nomen-mpi is nomen with another world: the processes of MPI.
MPICC       ?= mpicc
nomen_mpi   := $(BUILD)/nomen-mpi
$(nomen_mpi): $(BUILD)/main.o $(BUILD)/world/mpi.o $(filter-out $(BUILD)/world/alone.o,$(library))
	$(call say,LINK,$@)$(link) $^ $(deps_libs) -lm -o $@
$(nomen_mpi) $(BUILD)/world/mpi.o: private override CC = $(MPICC)
$(BUILD)/world/mpi.o: src/world/mpi.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) -c $< -o $@

$(reference:src/%.c=$(BUILD)/%.o): private CFLAGS += -O3
# Vectors of square roots and quotients.
$(BUILD)/nn/layers/batchnorm.o: private CFLAGS += -O3 -fno-math-errno

$(objects): $(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(isa_flags) $(deps_cflags) -c $< -o $@

# The report page's template, style and scripts, as byte lists that a source file includes.
page_files := $(patsubst src/%,$(BUILD)/%.inc,$(wildcard src/draw/report/*.html src/draw/report/*.css src/draw/report/*.js))
$(BUILD)/draw/report/report.o: private includes := -I$(BUILD)/draw/report
$(BUILD)/draw/report/report.o: $(page_files)
$(page_files): $(BUILD)/%.inc: src/%
	@mkdir -p $(@D)
	$(call say,GEN,$@)od -An -v -tx1 $< | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' > $@.tmp
	@mv $@.tmp $@

# -O3 follows CFLAGS on purpose: the kernels' speed is measured with -O3. Without errno sqrtf becomes a vector.
define isa_rule
$(BUILD)/%.$(1).o: src/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)))$$(compile) -O3 -fno-math-errno $$(flags_$(1)) -DISA=$(1) -c $$< -o $$@
endef
$(foreach isa,$(isas),$(eval $(call isa_rule,$(isa))))

$(nomen).sh $(BUILD)/torture/nomen.sh: %.sh: %
	$(call say,GEN,$@)printf '#!/bin/sh\nexec %s %s "$$@"\n' '$(RUN)' '$(abspath $<)' > $@
	@chmod +x $@
