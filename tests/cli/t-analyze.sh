#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vmcore-analyze: sys, --info, help, several commands, wrong ones.

. "${0%/*}/lib.sh"

# shellcheck disable=SC2086 # RUNNER is words
mklog() { ${RUNNER-} "$BIN/tests/cli/mklog" "$@"; }
# The command prints what stands on stdin.
prints() { diff - <("$@" 2>/dev/null); }
first_words() { "$@" | cut -d' ' -f1; }

mklog dump
mklog without without-vmcoreinfo
head -c 200000 dump >short

try "sys" prints analyze dump sys <<'END'
    DUMPFILE: dump
        CPUS: 1
        DATE: Fri Nov 20 08:34:29 UTC 2026
      UPTIME: 00:00:07
    NODENAME: node
     RELEASE: 6.1.0-test
      MEMORY: 256 KiB
       PANIC: Kernel panic - not syncing: sysrq triggered crash
         PID: 431
     COMMAND: my shell
         CPU: 1
END
try "sys --json" prints analyze dump sys --json <<'END'
{
  "vmcore_tools": 1,
  "command": "sys",
  "path": "dump",
  "cpus": 1,
  "crash_time": 1795163669,
  "uptime": 7.000000,
  "nodename": "node",
  "release": "6.1.0-test",
  "memory": 262144,
  "panic": "Kernel panic - not syncing: sysrq triggered crash",
  "panic_pid": 431,
  "panic_command": "my shell",
  "panic_cpu": 1
}
END
code 4 "sys without VMCOREINFO" analyze without sys
try "sys without VMCOREINFO: what is known" has out "MEMORY: 256 KiB"
try "sys without VMCOREINFO: what is missing" has err "without: no kernel log: the dump has no VMCOREINFO"

code 0 "--info" analyze --info dump
try "--info: format" has out "      FORMAT: elf"
try "--info: machine" has out "     MACHINE: x86_64"
try "--info: release" has out "     RELEASE: 6.1.0-test"
try "--info: memory" has out "      STORED: 256 KiB"
try "--info: notes" has out "       NOTES: CORE type 0x1, 336 bytes"
try "--info: translation" has out "  TRANSLATES: yes"
try "--info: nothing is wrong" has_not out FAULTS
code 0 "--info --json without VMCOREINFO" analyze --info --json without
try "--info --json: what is missing" has out '"addresses cannot be translated: the dump has no VMCOREINFO"'
try "--info --json: whole" has out '"incomplete": false,'
code 0 "--info=DUMP" analyze --info=dump
try "--info=DUMP: release" has out "     RELEASE: 6.1.0-test"
code 0 "--info behind the dump, truncated" analyze short --info --json
try "--info --json: truncated" has out '"truncated": true,'
try "a truncated file is warned of" has err "vmcore-analyze: short: "

try "-c" prints analyze -c ' log -n 1 ; sys;' dump < <(analyze dump log -n 1 && analyze dump sys)
try "-c behind the dump" prints analyze dump -c sys < <(analyze dump sys)
code 1 "-c: the worst code" analyze -c 'sys; log' without
code 2 "-c with an unknown command" analyze -c 'sys; lgo' dump
try "-c with an unknown command does nothing" lines out 0

code 0 "help" analyze help
try "help lists the log" has out "log     The kernel's log"
try "help lists bt" has out "bt      Backtraces"
code 0 "help of one" analyze help log
try "help of one has its options" has out "--last=N"
try "--help of one" prints analyze dump log --help <out
code 2 "help of an unknown one" analyze help nosuch

tr '\0' '\n' <dump | grep -a '^[A-Z-]*[=(]' >text
try "--vmcoreinfo" prints analyze --vmcoreinfo=text without log < <(analyze dump log)
code 1 "--vmcoreinfo: no such file" analyze --vmcoreinfo missing dump log

code 2 "no dump" analyze
code 1 "a missing dump" analyze missing sys
try "a missing dump is named" has err "missing: No such file or directory"
code 1 "an empty dump" analyze /dev/null sys
code 2 "an unknown command" analyze dump dmesg
try "an unknown command: what there is" has err "no command 'dmesg'"
code 2 "an unknown option" analyze --wrong dump
code 2 "--info with a command" analyze --info dump sys
code 2 "-c with a command" analyze -c sys dump sys
code 2 "sys with an operand" analyze dump sys x

finish
