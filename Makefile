# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make                 build the tools into build/    V=1 WERROR=1 SAN=1 STATIC=1 O=dir
#   make static          static, stripped tools for an initramfs, in build-static/
#   make demo            the main job on a real crash, see tests/vm/demo.sh
#   make check           unit and command-line tests, a real crash; installs what it needs
#   make check-peers     the same dump in crash and drgn (fetches an 850 MB debug package)
#   make check-vm        kernels of every architecture; writes the table in README.md (an hour)
#   make check-cross     the unit tests built for other machines, run by qemu-user   CROSS='s390x arm64 ppc64el'
#   make unit            all tests that need no virtual machine    RUNNER='qemu-s390x-static -L ...'
#   make lint            layers, headers, format, tidy, shell, man, length, options
#   make bench           ours and makedumpfile in pairs            MAKEDUMPFILE=path
#   make fuzz            libFuzzer, FUZZ_TIME=60 seconds for each harness (clang)
#   make cov             line coverage of the library
#   make install         DESTDIR= PREFIX= SBINDIR= MANDIR= COMPDIR=
#   make CROSS_COMPILE=aarch64-linux-gnu- static        tests/vm/cross.sh arm64 fetches the libraries
#   make WITH_ZSTD=no    turns a library off
VERSION := 0.1.0

PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
O       ?= build$(CROSS_COMPILE:%-=-%)
STATIC_O = build-static$(CROSS_COMPILE:%-=-%)

# The layers of the library, bottom up: a layer may include only itself and those before it.
LAYERS := util dump arch kernel
TOOLS  := capture filter convert analyze

ifneq ($(CROSS_COMPILE),)
CC         := $(CROSS_COMPILE)gcc
AR         := $(CROSS_COMPILE)ar
STRIP      := $(CROSS_COMPILE)strip
# what tests/vm/cross.sh has unpacked, unless the system has it
PKG_CONFIG := $(firstword $(shell command -v $(CROSS_COMPILE)pkg-config) \
                $(wildcard .cache/cross/$(CROSS_COMPILE:%-=%)/bin/pkg-config) $(CROSS_COMPILE)pkg-config)
endif
PKG_CONFIG ?= pkg-config
STRIP      ?= strip

# Optional libraries: WITH_ZSTD=no forces one off, otherwise what pkg-config finds.
define optional
WITH_$(1) ?= $$(if $$(shell $$(PKG_CONFIG) --exists $(2) 2>/dev/null && echo y),yes,no)
ifeq ($$(WITH_$(1)),yes)
DEFS       += -DHAVE_$(1)
DEP_CFLAGS += $$(shell $$(PKG_CONFIG) --cflags $(2))
DEP_LIBS   += $$(shell $$(PKG_CONFIG) $$(if $$(STATIC),--static) --libs $(2)) $(3)
endif
endef
$(eval $(call optional,LIBDEFLATE,libdeflate))
$(eval $(call optional,ZLIB,zlib))
$(eval $(call optional,LZO,lzo2))
# snappy is C++ inside, which its .pc file does not say
$(eval $(call optional,SNAPPY,snappy,$(if $(STATIC),-lstdc++)))
$(eval $(call optional,ZSTD,libzstd))

# Line editing at the prompt of vmcore-analyze alone.
WITH_EDIT ?= $(if $(STATIC),no,$(if $(shell $(PKG_CONFIG) --exists libedit 2>/dev/null && echo y),yes,no))
ifeq ($(WITH_EDIT),yes)
DEFS += -DHAVE_EDIT
LIBS_analyze := $(shell $(PKG_CONFIG) --libs libedit)
endif

comma   := ,
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wno-unused-parameter -Wshadow -Wvla -Wundef -Wwrite-strings -Wformat=2 \
           -Wmissing-prototypes -Wstrict-prototypes $(if $(WERROR),-Werror)
SAN_FLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
COV_FLAGS = $(if $(COV),--coverage -O0)
# Sections let the static tools shed what they do not call.
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION=$(VERSION) $(DEFS) \
          -iquote . -pthread -ffunction-sections -fdata-sections $(WARN) $(DEP_CFLAGS) \
          $(SAN_FLAGS) $(CPPFLAGS) $(CFLAGS) $(COV_FLAGS)
LINK    = $(CC) -pthread -Wl,--gc-sections $(SAN_FLAGS) $(COV_FLAGS) $(if $(STATIC),-static) $(LDFLAGS)

say = $(if $(V),,@printf '  %-5s %s\n' $(1) $@;)

LIB   := $(O)/libvmcore.a
BINS  := $(TOOLS:%=$(O)/vmcore-%)
TESTS := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/*/test_*.c))
FUZZ  := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
CLI   := $(wildcard tests/cli/t-*.sh)
MKDUMP := $(patsubst %.c,$(O)/%,$(wildcard tests/cli/mk*.c))
SRC   := $(wildcard $(LAYERS:%=%/*.c) $(TOOLS:%=%/*.c) tests/*/*.c tests/unit/*/*.c)
HDR   := $(wildcard $(LAYERS:%=%/*.h) $(TOOLS:%=%/*.h) tests/*/*.h)
SUPPORT := $(patsubst %.c,$(O)/%.o,$(wildcard tests/support/*.c))
objs  = $(patsubst %.c,$(O)/%.o,$(wildcard $(1:%=%/*.c)))

all: $(BINS)

# Objects depend on the command line that made them, not only on their sources.
$(O)/.flags: FORCE
	@mkdir -p $(@D); echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' >$@

$(O)/%.o: %.c $(O)/.flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(LIB): $(call objs,$(LAYERS))
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

define tool
$(O)/vmcore-$(1): $(call objs,$(1)) $(LIB)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))
$(BINS):
	$(call say,LD)$(LINK) -o $@ $^ $(DEP_LIBS) $(LIBS_$(@F:vmcore-%=%))

static:
	@$(MAKE) --no-print-directory O=$(STATIC_O) STATIC=1 LDFLAGS='-Wl,-z,noseparate-code' all \
	  CFLAGS='-Os -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector'
	@$(STRIP) $(TOOLS:%=$(STATIC_O)/vmcore-%)

# A test fails single calls of the system by linking with --wrap: the names stand in its first lines
# after "wrap:".
wraps = $(patsubst %,-Wl$(comma)--wrap=%,$(shell sed -n 's/^.*wrap: *//p' $(1)))
$(TESTS) $(MKDUMP): $(O)/%: $(O)/%.o $(SUPPORT) $(LIB)
	$(call say,LD)$(LINK) $(call wraps,$*.c) -o $@ $^ $(DEP_LIBS) $(shell $(PKG_CONFIG) --libs cmocka)
$(O)/tests/%.o: WARN += -Werror=unused-function

# Each harness links libFuzzer under FUZZER=1, and a replay main() otherwise, so that
# "make unit" runs the whole corpus with any compiler.
ifneq ($(FUZZER),)
CC        := clang
SAN_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_MAIN := -fsanitize=fuzzer
DEFS      += -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
else
FUZZ_MAIN := $(O)/tests/fuzz/replay.o
$(FUZZ): $(FUZZ_MAIN)
endif
$(FUZZ): $(O)/%: $(O)/%.o $(SUPPORT) $(LIB)
	$(call say,LD)$(LINK) -o $@ $< $(SUPPORT) $(LIB) $(FUZZ_MAIN) $(DEP_LIBS) $(shell $(PKG_CONFIG) --libs cmocka)

# Whatever the tests run; a separate target, so that a check installs libraries before make looks for them.
programs: all $(TESTS) $(FUZZ) $(MKDUMP)
unit: programs
	@RUNNER='$(RUNNER)' BIN=$(O) tests/run.sh $(TESTS) $(FUZZ) $(CLI)
check:
	@tests/vm/deps.sh build vm
	@$(MAKE) --no-print-directory static
	@$(MAKE) --no-print-directory check-installed
# Scripts that have been run often enough to be believed; the others of tests/vm/ are called by hand.
VM    ?= main-job levels
PEERS ?= crash drgn
check-installed: programs
	@BIN=$(O) TEST_TIMEOUT=1200 tests/run.sh $(TESTS) $(FUZZ) $(CLI) $(VM:%=tests/vm/t-%.sh)
check-peers:
	@tests/vm/deps.sh build vm peers
	@$(MAKE) --no-print-directory static programs
	@BIN=$(O) TEST_TIMEOUT=1200 tests/run.sh $(PEERS:%=tests/vm/p-%.sh)
check-vm:
	@tests/vm/deps.sh build vm
	@$(MAKE) --no-print-directory static programs
	@BIN=$(O) CELLS=all TEST_TIMEOUT=14400 tests/run.sh tests/vm/t-arch.sh; status=$$?; \
	  tests/vm/table.py $${VMCORE_CACHE:-.cache}/cells && exit $$status
CROSS ?= s390x arm64 ppc64el
check-cross:
	@for arch in $(CROSS); do tests/vm/deps.sh build cross-$$arch && \
	  $(MAKE) --no-print-directory $$(tests/vm/cross.sh $$arch) unit || exit; done
demo:
	@MAKE='$(MAKE)' tests/vm/demo.sh
bench:
	@$(MAKE) --no-print-directory all
	@bench/run.sh

FUZZ_TIME ?= 60
fuzz:
	$(MAKE) fuzzers
	$(MAKE) O=build-fuzz FUZZER=1 fuzzers
	@for f in $(notdir $(FUZZ)); do new=build-fuzz/corpus/$${f#fuzz_}; mkdir -p $$new; \
	  $(O)/tests/fuzz/$$f --write $$new || exit 1; \
	  build-fuzz/tests/fuzz/$$f -rss_limit_mb=1024 -max_total_time=$(FUZZ_TIME) $$new \
	    $$(ls -d tests/fuzz/corpus/$${f#fuzz_} 2>/dev/null) || exit 1; done
fuzzers: $(FUZZ)

cov:
	$(MAKE) O=build-cov COV=1 unit
	@find build-cov -name '*.gcda' ! -path '*/tests/*' | xargs gcov -n -r -s '$(CURDIR)' \
	  2>/dev/null | sed -n "N;s/File '\(.*\)'\nLines executed:/\1 /p"

LINTS := headers layers format tidy shell man length options tests
lint: $(LINTS:%=lint-%)

lint-headers: $(HDR:%=$(O)/hdr/%.ok)
$(O)/hdr/%.ok: % $(O)/.flags
	@mkdir -p $(@D); printf '#include "%s"\n' $< | $(COMPILE) -Werror -fsyntax-only -x c - && touch $@

lint-layers:
	@seen=x; rc=0; for m in $(LAYERS); do seen="$$seen|$$m"; \
	  grep -nHE '^#include "' $$m/*.[ch] | grep -vE "\"($$seen)/" && rc=1; done; \
	  grep -nHE '^#include "(arch|kernel)/' convert/*.[ch] | grep -v repair && rc=1; exit $$rc
lint-format:
	@clang-format --dry-run -Werror $(SRC) $(HDR)
lint-tidy: $(SRC:%.c=$(O)/tidy/%.ok)
$(O)/tidy/%.ok: %.c .clang-tidy $(HDR) | compile_commands.json
	@mkdir -p $(@D); clang-tidy --quiet -p . $< 2>$@.log && touch $@ || { cat $@.log; exit 1; }
lint-shell:
	@shellcheck -x $(wildcard tests/*.sh tests/*/*.sh bench/*.sh $(TOOLS:%=%/*.bash) .ci/run)
lint-man:
	@for m in $(wildcard man/*.[1-8]); do \
	  LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z $$m 2>&1 >/dev/null | grep . && exit 1; done; :
lint-length:
	@awk '/^\{/ {s=FNR} /^\}/ && s {if (FNR-s>101) {print FILENAME ":" s ": " FNR-s-1 " lines"; bad=1} s=0} \
	  END {exit bad}' $(SRC)
lint-options: all
	@BIN=$(O) tests/lint/options.sh
lint-tests:
	@tests/lint/pairs.sh

# Every source has the same command line, so no build recorder is needed.
compile_commands.json: Makefile $(O)/.flags $(SRC)
	@{ s=[; for f in $(SRC); do printf '%s\n{"directory":"%s","file":"%s","command":"%s -c %s"}' \
	  "$$s" '$(CURDIR)' $$f '$(COMPILE)' $$f; s=,; done; printf '\n]\n'; } >$@

install: all
	install -d '$(DESTDIR)$(SBINDIR)' '$(DESTDIR)$(MANDIR)/man8' '$(DESTDIR)$(MANDIR)/man7' '$(DESTDIR)$(COMPDIR)'
	install -m 755 $(BINS) '$(DESTDIR)$(SBINDIR)'
	install -m 644 $(wildcard man/*.8) '$(DESTDIR)$(MANDIR)/man8'
	install -m 644 $(wildcard man/*.7) '$(DESTDIR)$(MANDIR)/man7'
	for t in $(TOOLS); do install -m 644 $$t/vmcore-$$t.bash '$(DESTDIR)$(COMPDIR)'/vmcore-$$t; done

clean:
	rm -rf build build-* compile_commands.json

.PHONY: all static programs unit check check-installed check-peers check-vm check-cross demo bench fuzz fuzzers cov lint $(LINTS:%=lint-%) install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(SRC:%.c=$(O)/%.d)
