# Manual pages, completions, the schema and the source archive. DESTDIR stages an installation; HOST_NOMEN=PROGRAM writes the
# pages with a program that the build machine can run. Only `make deps` and `make lecture-data` use the network.

DESTDIR    ?=
INSTALL    ?= install
TAR        ?= tar
HOST_NOMEN ?= $(runnable)

.PHONY: docs dist schema
commands := $(sort $(shell sed -n 's/.*[.]command = "\(.*\)",/\1/p' src/cmd/*.c))
pages    := $(BUILD)/man/nomen.1 $(BUILD)/man/nomen-config.5 $(commands:%=$(BUILD)/man/nomen-%.1)
docs: $(pages) $(BUILD)/completion/nomen.bash $(BUILD)/completion/_nomen

define generate
@mkdir -p $(@D)
$(call say,GEN,$@)$(HOST_NOMEN) $(1) > $@.tmp
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

# Passed through the environment, where a quote in a value is harmless.
install uninstall dist: export BUILD := $(BUILD)
install uninstall dist: export PREFIX := $(PREFIX)
install uninstall dist: export DESTDIR := $(DESTDIR)
install uninstall dist: export INSTALL := $(INSTALL)
install uninstall dist: export TAR := $(TAR)
dist: ## pack the sources as build/nomen-VERSION.tar.gz
	@sh tests/tools/dist

schema: $(runnable) ## write configs/schema.json from the tables
	$(call say,GEN,configs/schema.json)$(HOST_NOMEN) schema > $(BUILD)/schema.json
	@mv $(BUILD)/schema.json configs/schema.json
