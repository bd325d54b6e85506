# The page that trains in the browser: the program's own sources, compiled to WebAssembly.

WEB_CC     ?= clang-16
web        := $(BUILD)/web
web_debian := $(web)/debian
# The sources that need no processes, threads or files, and stand-ins for those that do.
web_sources := $(filter-out src/base/dir.c src/base/file.c src/base/path_disk.c src/base/process.c src/base/option.c \
                   src/kernels/pool.c src/kernels/threads.c src/data/audit.c src/data/audit_order.c src/config/find.c src/config/starter.c \
                   src/world/mpi.c src/train/run%.c src/train/load.c src/train/metrics.c, \
                   $(wildcard src/base/*.c src/world/*.c src/data/*.c src/kernels/*.c src/nn/*.c src/nn/*/*.c src/config/*.c src/train/*.c)) \
               src/draw/numbers.c src/study/sampler.c src/study/attention.c src/study/describe.c $(wildcard src/web/*.c)
web_isa      := src/web/fuses.c src/kernels/updates.c src/kernels/elementwise.c src/kernels/gemm.c src/kernels/rows.c src/kernels/columns.c \
                src/kernels/softmax.c src/kernels/attention.c src/kernels/table.c
web_objects  := $(patsubst src/%.c,$(web)/%.o,$(filter-out $(web_isa),$(web_sources))) \
                $(web)/cJSON.o $(web)/utf8proc.o
web_compile   = $(WEB_CC) --target=wasm32-wasi -std=c11 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE \
                -DNOMEN_WASM_TABLE -DUTF8PROC_STATIC -Isrc -I$(web_debian) -O3 -fno-math-errno -ffp-contract=off \
                -ffunction-sections -fdata-sections $(WARNINGS) $(WERROR) -MMD -MP

# 1 GiB is the most that the page's memory grows to; src/web/memory.c says the same.
web_link     := -Wl,--gc-sections,--strip-all,-z,stack-size=1048576 -Wl,--stack-first,--max-memory=1073741824

.PHONY: web deps-web

web: $(web)/index.html ## build build/web/index.html, a page that trains in the browser

deps-web: ## install clang, wasi-libc and wasm-ld, and fetch the sources of cJSON and utf8proc
	@sh src/web/deps $(web_debian)

# `make deps-web web` fetches before it compiles, under -j too.
$(web_debian)/%.h $(web_debian)/%.c: | $(filter deps-web,$(MAKECMDGOALS))
	@test -f $@ || { echo "the sources of cJSON and utf8proc are missing; run make deps-web" >&2; exit 1; }

$(web)/%.o: src/%.c | $(web_debian)/cJSON.h $(web_debian)/utf8proc.h
	@mkdir -p $(@D)
	$(call say,CC,$< (web))$(web_compile) -c $< -o $@

# The kernels twice: in `exact`, a fused multiply-add is made from doubles; `relaxed` has the engine's (kernels/simd_wasm.h).
flags_relaxed := -mrelaxed-simd
define web_rule
$(web)/%.$(1).o: src/%.c | $(web_debian)/cJSON.h
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)))$$(web_compile) -msimd128 $$(flags_$(1)) -DISA=wasm -c $$< -o $$@

$(web)/$(1).wasm: $(web_objects) $(patsubst src/%.c,$(web)/%.$(1).o,$(web_isa))
	$$(call say,LINK,$$@)$$(WEB_CC) --target=wasm32-wasi -mexec-model=reactor $$(web_link) $$^ -o $$@
endef
$(foreach module,exact relaxed,$(eval $(call web_rule,$(module))))

$(web)/cJSON.o $(web)/utf8proc.o: $(web)/%.o: $(web_debian)/%.c
	$(call say,CC,$<)$(WEB_CC) --target=wasm32-wasi -Os -w -DUTF8PROC_STATIC -DCJSON_HIDE_SYMBOLS -ffunction-sections -c $< -o $@

# After the modules: compiling beside the measurement would slow the program down.
$(web)/program-speed: $(nomen) src/web/speed | $(web)/exact.wasm $(web)/relaxed.wasm
	$(call say,SPEED,$(nomen))bash src/web/speed $(nomen) $(web)

$(web)/index.html: $(web)/exact.wasm $(web)/relaxed.wasm $(web)/program-speed $(wildcard src/web/*.html src/web/*.css src/web/*.js) \
                   src/web/bundle src/draw/report/parts.js src/draw/report/page.css data/names.txt $(wildcard configs/*.json configs/*/*.json)
	$(call say,GEN,$@)bash src/web/bundle $(web)

-include $(wildcard $(web)/*.d $(web)/*/*.d $(web)/*/*/*.d)
