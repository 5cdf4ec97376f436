#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vmcore-analyze DUMP log.

. "${0%/*}/lib.sh"

# shellcheck disable=SC2086 # RUNNER is words
mklog() { ${RUNNER-} "$BIN/tests/cli/mklog" "$@"; }
log() { analyze dump log "$@"; }
# The command prints what stands on stdin.
prints() { diff - <("$@"); }
seqs() { log --json "$@" | sed 's/^{"seq": \([0-9]*\),.*/\1/' | paste -sd' '; }
# shellcheck disable=SC2086
full_disk() { ${RUNNER-} "$BIN/vmcore-analyze" dump log >/dev/full; }
as_terminal() {
	script -qec "${RUNNER-} '$BIN/vmcore-analyze' dump log -t -n 5" /dev/null </dev/null | tr -d '\r'
}

mklog dump
mklog damaged damaged
mklog without without-vmcoreinfo
mklog empty empty

try "as dmesg prints it" prints log <<END
[    0.000000] Linux version 6.1.0-test (build@test) #1 SMP
[    1.234567] rtc_cmos: setting system clock to X (1795163664)
[    2.000000] Enabling of bus mastering
[    3.000000] two
[    3.000000] lines
[    4.000000] systemd[1]: $(printf '\33[1mred alert\33[0m')
[    5.000000] $(printf '\377') not UTF-8
[    6.000000] sysrq: Trigger a crash
[    7.000000] Kernel panic - not syncing: sysrq triggered crash
[    7.000000] CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1
END
try "-T" prints log -T -n 1 <<'END'
[Fri Nov 20 08:34:29 2026] CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1
END
try "-t" prints log -t -n 1 <<'END'
CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1
END
try "-m and -c" prints log -m -c -l err <<'END'
<3>[    3.000000][    T1] two
<3>[    3.000000][    T1] lines
END
try "-l by number" prints seqs -l 3,0 <<<"3 7"
try "-l err+ is err and worse" prints seqs -l err+ <<<"3 7"
try "-l +info is info and the rest" prints seqs -l +info <<<"1 4 5 6"
try "-n counts what -l takes" prints seqs -l info -n 2 <<<"5 6"
try "-n 0" prints log -n 0 </dev/null
try "-n of more than there are" prints seqs -n 1000 <<<"0 1 2 3 4 5 6 7 8"

try "--json" prints log --json -l warn,err,info <<'END'
{"seq": 1, "ts": 1.234567890, "level": 6, "facility": 0, "caller": "T1", "text": "rtc_cmos: setting system clock to X (1795163664)"}
{"seq": 2, "ts": 2.000000000, "level": 4, "facility": 0, "caller": "T1", "text": "Enabling of bus mastering", "dev_info": {"subsystem": "pci", "device": "+pci:0000:00:1f.2"}}
{"seq": 3, "ts": 3.000000000, "level": 3, "facility": 0, "caller": "T1", "text": "two\nlines"}
{"seq": 4, "ts": 4.000000000, "level": 6, "facility": 3, "caller": "T200", "text": "systemd[1]: \u001b[1mred alert\u001b[0m"}
{"seq": 5, "ts": 5.000000000, "level": 6, "facility": 1, "caller": "T300", "text": "\udcff not UTF-8"}
{"seq": 6, "ts": 6.000000000, "level": 6, "facility": 0, "caller": "T431", "text": "sysrq: Trigger a crash"}
{"seq": 8, "ts": 7.000000000, "level": 4, "facility": 0, "caller": "T431", "text": "CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1"}
END
try "--json -T" prints log --json -T -l emerg <<'END'
{"seq": 7, "ts": 7.000000000, "time": 1795163669.765432110, "level": 0, "facility": 0, "caller": "T431", "text": "Kernel panic - not syncing: sysrq triggered crash"}
END
try "--json in front of the command" prints log --json < <(analyze --json dump log)

if command -v script >/dev/null; then
	try "a terminal gets no control characters" prints as_terminal <<'END'
systemd[1]: \x1b[1mred alert\x1b[0m
\xff not UTF-8
sysrq: Trigger a crash
Kernel panic - not syncing: sysrq triggered crash
CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1
END
else
	skip "a terminal gets no control characters" "no script(1)"
fi

code 0 "-v" log -v -T
try "-v says what the times are from" has err "times are from the log"
code 2 "a bad level" log -l worse
try "a bad level is named" has err "'worse' is no level"
code 2 "a bad number" log -n x
code 2 "an operand" log x
code 2 "an unknown option" log -x
try "an unknown option is named" has err "vmcore-analyze: invalid option -- 'x'"

code 1 "no VMCOREINFO" analyze without log
try "no VMCOREINFO: one line says so" has err \
	"vmcore-analyze: without: no kernel log: the dump has no VMCOREINFO"
try "no VMCOREINFO: one line" lines err 1
code 1 "nothing tells the time of day" analyze empty log -T
try "nothing tells the time of day: said" has err "empty: nothing tells the time of day"
code 0 "an empty log" analyze empty log
try "an empty log has no lines" lines out 0

code 4 "a damaged record" analyze damaged log
try "a damaged record is counted" has err "1 records of the log are damaged"
try "a damaged record: the others are there" prints grep -av 'sysrq: Trigger' <(log) <out
code 1 "a full disk" full_disk
try "a full disk: said" has err "No space left on device"

finish
