// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/backtrace.h"

#include <inttypes.h>
#include <string.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/start.h"
#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "util/bytes.h"
#include "util/utf8.h"

#define WORD     8U /* of all architectures that have an unwinder */
#define PER_LINE 2U
#define NO_START "nothing in the dump tells where this task was"

static const struct arch_unwind *arch_of(const struct unwinder *unwinder)
{
	return unwinder->kernel->as.arch->unwind;
}

static uint64_t register_of(const struct unwinder *unwinder, const uint8_t *regs,
			    const struct unwind_reg *reg)
{
	return load_u64(regs + reg->off, unwinder->kernel->as.big_endian);
}

void backtrace_print_function(struct unwinder *unwinder, uint64_t ip, bool exact, bool offset,
			      FILE *out)
{
	struct symbol symbol;
	uint64_t distance;

	if (!unwinder_function(unwinder, ip, exact, &symbol, &distance)) {
		fputs("unknown or invalid address", out);
		return;
	}
	utf8_put_safe(out, symbol.name);
	if (offset)
		fprintf(out, "+%" PRIu64, distance);
	if (symbol.module[0]) {
		fputs(" [", out);
		utf8_put_safe(out, symbol.module);
		putc(']', out);
	}
}

static void print_registers(const struct unwinder *unwinder, const uint8_t *regs, FILE *out)
{
	const struct arch_unwind *arch = arch_of(unwinder);
	bool first = true;

	for (size_t i = 0; i < arch->nr_regs; i++) {
		const struct unwind_reg *reg = &arch->regs[i];

		fprintf(out, "%s%s: %0*" PRIx64, first ? "    " : "  ", reg->name, reg->digits,
			register_of(unwinder, regs, reg));
		first = reg->last;
		if (reg->last)
			putc('\n', out);
	}
}

void backtrace_print_context(struct unwinder *unwinder, uint64_t ip, bool user, const uint8_t *regs,
			     FILE *out)
{
	const char *name = arch_of(unwinder)->regs[0].name;

	if (!user) {
		fprintf(out, "    [exception %s: ", name + strspn(name, " "));
		backtrace_print_function(unwinder, ip, true, true, out);
		fputs("]\n", out);
	}
	if (regs)
		print_registers(unwinder, regs, out);
	else
		fprintf(out, "    %s: %016" PRIx64 "\n", name, ip);
}

/* The name of the symbol that an address is of, padded; false when it is of none. */
static bool print_name(struct unwinder *unwinder, uint64_t addr, FILE *out)
{
	struct symbol symbol;
	uint64_t end;
	int len;

	if (!(addr >= unwinder->text[0][0] && kernel_lookup(unwinder->kernel, "_end", &end) &&
	      addr < end) &&
	    !(unwinder->modules && modules_at(unwinder->modules, addr)))
		return false;
	if (!symbols_at(unwinder->symbols, addr, &symbol))
		return false;
	utf8_put_safe(out, symbol.name);
	len = (int)strlen(symbol.name);
	if (addr != symbol.addr)
		len += fprintf(out, "+%" PRIu64, addr - symbol.addr);
	fprintf(out, "%*s", len < 16 ? 16 - len : 0, "");
	return true;
}

/* The words of the stack from a frame's own to the next frame's. */
static void print_words(struct unwinder *unwinder, const struct frame *frame,
			const struct frame *next, const struct backtrace_format *format)
{
	uint8_t slot = arch_of(unwinder)->slot;
	uint64_t at = frame->at + (frame->exact ? 0 : slot), end = frame->stack.high, word;

	if (next->stack.low == frame->stack.low)
		end = next->at + (next->exact ? 0 : slot);
	for (size_t i = 0; at + WORD <= end; at += WORD, i++) {
		if (!i || i % PER_LINE == 0)
			fprintf(format->out, "%s    %" PRIx64 ": ", i ? "\n" : "", at);
		if (!kernel_read_u64(unwinder->kernel, at, &word)) {
			fprintf(format->out, "unreadable at %" PRIx64, at);
			at = end;
		} else if (!format->names || !print_name(unwinder, word, format->out)) {
			fprintf(format->out, "%016" PRIx64, word);
		}
		putc(' ', format->out);
	}
	putc('\n', format->out);
}

static void print_line(struct unwinder *unwinder, const struct frame *frame, FILE *out)
{
	struct symbol symbol;
	uint64_t offset;

	if (!unwinder_function(unwinder, frame->ip, frame->exact, &symbol, &offset))
		return;
	fputs("    faddr2line ", out);
	utf8_put_safe(out, symbol.module[0] ? symbol.module : "vmlinux");
	fputs(symbol.module[0] ? ".ko " : " ", out);
	utf8_put_safe(out, symbol.name);
	fprintf(out, "+0x%" PRIx64 "/0x%" PRIx64 "\n", offset, symbol.size);
}

void backtrace_print(struct unwinder *unwinder, const struct start *start,
		     const struct trace *trace, const struct backtrace_format *format)
{
	FILE *out = format->out;
	char text[TRACE_END_TEXT];
	unsigned int nr = 0;

	if (start->source == START_NONE)
		fputs("    (" NO_START ")\n", out);
	if (start->doubtful)
		fprintf(out,
			"    (the registers in the dump are in doubt: %016" PRIx64
			" is on no stack of this CPU)\n",
			start->state.sp);
	for (size_t i = 0; i < trace->nr; i++) {
		const struct frame *frame = &trace->frames[i];
		bool more = i + 1 < trace->nr;

		if (i && frame->stack.low != frame[-1].stack.low &&
		    strcmp(frame[-1].stack.name, STACK_PROCESS) != 0)
			fprintf(out, "--- <%s> ---\n", frame[-1].stack.name);
		if (frame->kind == FRAME_CALL) {
			fprintf(out, "%s#%u [%016" PRIx64 "] ", nr < 10 ? " " : "", nr, frame->at);
			backtrace_print_function(unwinder, frame->ip, frame->exact, format->offsets,
						 out);
			fprintf(out, " at %016" PRIx64 "%s\n", frame->ip,
				frame->guessed ? " (guessed)" : "");
			nr++;
		} else {
			backtrace_print_context(unwinder, frame->ip, frame->kind == FRAME_USER,
						frame->regs ? trace->regs[frame->regs - 1] : NULL,
						out);
		}
		if (format->lines && frame->kind != FRAME_USER)
			print_line(unwinder, frame, out);
		if (format->words && more)
			print_words(unwinder, frame, frame + 1, format);
	}
	if (trace->nr && trace->end != TRACE_ROOT)
		fprintf(out, "    (the trace ends here: %s)\n", trace_end_text(trace, text));
}

void backtrace_registers_json(const struct unwinder *unwinder, const uint8_t *regs,
			      struct json *json)
{
	const struct arch_unwind *arch = arch_of(unwinder);

	json_begin_object(json, "registers");
	for (size_t i = 0; i < arch->nr_regs; i++) {
		const char *name = arch->regs[i].name;

		json_hex(json, name + strspn(name, " "),
			 register_of(unwinder, regs, &arch->regs[i]));
	}
	json_end_object(json);
}

static void frame_json(struct unwinder *unwinder, const struct trace *trace,
		       const struct frame *frame, struct json *json)
{
	static const char *const kinds[] = {"call", "exception", "interrupt", "user"};
	struct symbol symbol;
	uint64_t offset;

	json_begin_object(json, NULL);
	json_string(json, "kind", kinds[frame->kind]);
	if (frame->kind != FRAME_USER &&
	    unwinder_function(unwinder, frame->ip, frame->exact, &symbol, &offset)) {
		json_string(json, "function", symbol.name);
		json_u64(json, "offset", offset);
		json_u64(json, "size", symbol.size);
		if (symbol.module[0])
			json_string(json, "module", symbol.module);
	}
	json_hex(json, "ip", frame->ip);
	json_hex(json, "sp", frame->at);
	json_string(json, "stack", frame->stack.name);
	json_bool(json, "sure", !frame->guessed);
	if (frame->regs && frame->kind != FRAME_CALL)
		backtrace_registers_json(unwinder, trace->regs[frame->regs - 1], json);
	json_end_object(json);
}

void backtrace_json(struct unwinder *unwinder, const struct start *start, const struct trace *trace,
		    struct json *json)
{
	char text[TRACE_END_TEXT];

	json_string(json, "start", start_source_name(start->source));
	json_bool(json, "complete", trace->nr && trace->end == TRACE_ROOT);
	if (start->doubtful)
		json_string(json, "doubt", "the stack pointer is on no stack of this CPU");
	if (!trace->nr)
		json_string(json, "end", NO_START);
	else if (trace->end != TRACE_ROOT)
		json_string(json, "end", trace_end_text(trace, text));
	json_begin_array(json, "frames");
	for (size_t i = 0; i < trace->nr; i++)
		frame_json(unwinder, trace, &trace->frames[i], json);
	json_end_array(json);
}
