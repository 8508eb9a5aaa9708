# SPDX-License-Identifier: GPL-2.0
# What a person types; `make help` lists it.

KDIR	?= /lib/modules/$(shell uname -r)/build
# Which kernel the VM boots: 6.1, 6.12, ... (scripts/kernel --help), and what runs it
export KERNEL ENGINE
# Those that xl4 is kept working with
KERNELS	= 6.1 6.12 7.2
PYTHON	= $(shell git ls-files '*.py') $(shell grep -d skip -lE '^\#!/usr/bin/python3' scripts/* tools/*)
SCRIPTS	= .ci/run $(shell grep -d skip -lE '^\#!/bin/(ba)?sh' scripts/*) $(wildcard scripts/engines/*.sh selftests/*/*.sh)

all: modules tools

help:
	@sed -n 's/^#: //p' Makefile

#: See it
#:   make demo             installs what is missing, then shows programs at work over xl4
#:   make shell            a prompt in a VM: modules loaded, two namespaces and a wire
demo shell bench goodput fairness soak:
	@scripts/$@

#: Test it (nothing on this machine is touched: modules load in a VM only)
#:   make check            all tests; T='udp/*' a part; KERNEL=6.12 on another kernel
#:   make check ENGINE=uml all tests under sanitizers, in User Mode Linux
#:   make coverage         the same, and which lines of the modules the tests reach
#:   make check-sanitized  on two CPUs in QEMU: KASAN, lockdep, kmemleak; then data races
#:   make fuzz             random input: wire.c, packets, system calls; TIME=60 seconds each
#:   make check-kernels    all tests on Linux 6.1, 6.12 and 7.2, and one table
#:   make bench            against the kernel's own protocols: a table, JSON, a picture
#:   make soak             programs at work over bad lines for HOURS=2
#:   make goodput          over bad lines, in virtual time, against the kernel's TCP; MB=4
#:   make fairness         DCCP beside TCP over one bottleneck, in virtual time: shares, a picture
check:
	@scripts/check

coverage fuzz check-sanitized:
	@scripts/$@

check-kernels:
	@scripts/$@ $(KERNELS)

#: Use it
#:   make                  the modules for the running kernel (KDIR=...) and xl4run
#:   make modules_install  installs the modules, for modprobe
#:   make install          installs xl4run
modules modules_install:
	@test -e $(KDIR)/Makefile || \
		{ echo 'no headers in $(KDIR): install them, or name others: make KDIR=...'; exit 1; } >&2
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

modules_install: modules

tools install:
	$(MAKE) -C tools $(@:tools=all)

#: Change it
#:   make build-kernels    the modules for Linux 6.1, 6.12 and 7.2
#:   make symbols          that these kernels offer modules all that ours call
#:   make sparse           types and byte order
#:   make checkpatch       the kernel's style
#:   make shellcheck       the shell scripts
#:   make pyflakes         the Python programs
#:   make check-pair       two VMs on a wire, xsctp and xdccp in the one, the kernel's own in the other
#:   make check-vm         that scripts/vm itself keeps its word
#:   make clean            removes all that was built
build-kernels:
	@for kernel in $(KERNELS); do \
		echo "modules for $$kernel"; scripts/build $$kernel >/dev/null || exit; \
	done

symbols:
	@scripts/symbols $(KERNELS)

# Sparse only warns: a word about a file of ours (not of the kernel's headers) is a failure.
sparse:
	@mkdir -p build
	@scripts/build "$(KERNEL)" C=2 CF=-D__CHECK_ENDIAN__ >build/sparse.log 2>&1; \
		status=$$?; cat build/sparse.log; \
		! grep -qE '^$(CURDIR)/.*(warning|error):' build/sparse.log && exit $$status

# Not for us: comments as networking had them, and macros that are lists or loops. compat.h is what
# checkpatch does not want anywhere else.
NOT_OURS = NETWORKING_BLOCK_COMMENT_STYLE,COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED
NOT_OURS := $(NOT_OURS),MACRO_ARG_PRECEDENCE,MACRO_WITH_FLOW_CONTROL,TRAILING_SEMICOLON
NOT_OURS := $(NOT_OURS),UNCOMMENTED_DEFINITION
checkpatch:
	@find net include -name '*.[ch]' ! -name '*.mod.c' ! -name compat.h | xargs \
		perl $$(scripts/kselftest)/checkpatch.pl --no-tree --terse --show-types --no-summary \
		--typedefsfile scripts/checkpatch.types --ignore $(NOT_OURS) --file

shellcheck:
	@shellcheck -x $(SCRIPTS)

pyflakes:
	@pyflakes3 $(PYTHON)

check-vm:
	@selftests/launcher/vm.sh

check-pair:
	@scripts/pair

clean:
	rm -rf build out
	find net \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \) -delete
	rm -f Module.symvers modules.order .*.cmd

.PHONY: all help demo shell bench goodput fairness soak check check-kernels check-sanitized coverage fuzz modules \
	modules_install tools install \
	build-kernels symbols sparse checkpatch shellcheck pyflakes check-vm check-pair clean
