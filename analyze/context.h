/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands share of a kernel, each part read when a command first asks for it, and how they
 * understand their operands: addresses, tasks, lists of CPUs.
 */
#ifndef ANALYZE_CONTEXT_H
#define ANALYZE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/expr.h"
#include "util/error.h"

struct addrspace;
struct analysis;
struct cli;
struct cvalue_format;
struct modules;
struct panic_task;
struct rows;
struct symbol;
struct symbols;
struct system_info;
struct task;
struct tasks;
struct unwinder;

/** The symbols of the image, and with modules those of modules as far as they are known. */
struct error *analysis_symbols(struct analysis *analysis, bool modules, struct symbols **ret);
struct error *analysis_types(struct analysis *analysis, struct types **ret);
struct error *analysis_modules(struct analysis *analysis, const struct modules **ret);
struct error *analysis_tasks(struct analysis *analysis, const struct tasks **ret);

/** Which task panicked, by all witnesses. */
struct error *analysis_panic(struct analysis *analysis, const struct panic_task **ret);

/** The task that commands are about: the one that `set` chose, else the one that panicked. */
struct error *analysis_task(struct analysis *analysis, const struct task **ret);

/** For backtraces. */
struct error *analysis_unwinder(struct analysis *analysis, struct unwinder **ret);

/** Frees what these functions have made. */
void analysis_forget(struct analysis *analysis);

/** "init_task", "init_task+10", "ffff8b8940202100": numbers are hexadecimal. */
struct error *parse_address(struct analysis *analysis, const char *text, uint64_t *ret);

/** A decimal number, or with 0x a hexadecimal one. */
struct error *parse_count(const char *what, const char *text, uint64_t *ret);

/** All symbols that there are, and with types those of BTF. Parts that a dump does not have are
 * NULL, unless types are asked for. */
struct error *analysis_expr(struct analysis *analysis, bool types, struct expr_env *ret);

/** A PID, or else the address of a task_struct. */
struct error *parse_task(struct analysis *analysis, const char *text, const struct task **ret);

/** A text with ":a", ":0,2-4" or ":" (the CPU of the task that commands are about) behind it. */
struct cpu_list {
	char *name;      /**< owned; the text without that */
	bool *wanted;    /**< owned; one for each CPU of percpu */
	unsigned int nr; /**< 0: no CPUs were named */
};

struct error *parse_cpus(struct analysis *analysis, const char *text, struct cpu_list *ret);
void cpu_list_deinit(struct cpu_list *list);
#define _cleanup_cpus_ _cleanup_(cpu_list_deinit)

/** The address space of the task that commands are about. */
struct error *analysis_user(struct analysis *analysis, struct addrspace *ret);

/** "PID: 387      TASK: ffff8b8841290000  CPU: 1    COMMAND: "sh"" and a newline. */
void print_task(FILE *out, const struct task *task);

/** "schedule+5", with the module behind it in brackets; into buf. */
#define SYMBOL_TEXT 192
const char *symbol_text(const struct symbols *symbols, uint64_t addr, char buf[static SYMBOL_TEXT]);

/** How values look in this run; out is stdout. */
struct cvalue_format analysis_format(struct analysis *analysis, bool hex);

#endif
