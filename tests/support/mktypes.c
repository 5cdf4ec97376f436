// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mktypes.h"

#include <elf.h>

#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

#define OFFSETS 0x2000U
#define NR_CPUS 0x2100U
#define SIGNED  (1U << 24)
#define BOOL    (4U << 24)

struct ids {
	uint32_t i32, u8, boolean, u16, i16, u64, i64, chr, head, atomic, pid, fn, color, flags;
	uint32_t thing; /* that is to come */
};

static void add_enums(struct mkbtf *mk, struct ids *id)
{
	id->color = mkbtf_type(mk, BTF_ENUM, "color", 4);
	mkbtf_enumerator(mk, "RED", 0);
	mkbtf_enumerator(mk, "GREEN", 5);
	mkbtf_enumerator(mk, "BLUE", (uint64_t)-1);
	mkbtf_flag(mk);
	id->flags = mkbtf_type(mk, BTF_ENUM, "flags", 4);
	mkbtf_enumerator(mk, "F_A", 1);
	mkbtf_enumerator(mk, "F_B", 2);
	mkbtf_enumerator(mk, "F_D", 8);
}

static void add_basics(struct mkbtf *mk, struct ids *id)
{
	uint32_t pointer, atomic;

	id->i32 = mkbtf_int(mk, "int", 4, SIGNED | 32);
	id->u8 = mkbtf_int(mk, "unsigned char", 1, 8);
	id->boolean = mkbtf_int(mk, "_Bool", 1, BOOL | 8);
	id->u16 = mkbtf_int(mk, "short unsigned int", 2, 16);
	id->i16 = mkbtf_int(mk, "short int", 2, SIGNED | 16);
	id->u64 = mkbtf_int(mk, "long unsigned int", 8, 64);
	id->i64 = mkbtf_int(mk, "long int", 8, SIGNED | 64);
	id->chr = mkbtf_int(mk, "char", 1, SIGNED | 8);
	mkbtf_int(mk, "unsigned int", 4, 32);
	pointer = mkbtf_type(mk, BTF_PTR, "", mk->first_id + mk->nr + 1);
	id->head = mkbtf_type(mk, BTF_STRUCT, "list_head", 16);
	mkbtf_member(mk, "next", pointer, 0);
	mkbtf_member(mk, "prev", pointer, 64);
	atomic = mkbtf_type(mk, BTF_STRUCT, "", 4);
	mkbtf_member(mk, "counter", id->i32, 0);
	id->atomic = mkbtf_type(mk, BTF_TYPEDEF, "atomic_t", atomic);
	id->pid = mkbtf_type(mk, BTF_TYPEDEF, "pid_t", id->i32);
}

/* typedef void (*work_fn)(struct thing *, const char *, ...), and const char *. */
static uint32_t add_function(struct mkbtf *mk, struct ids *id, uint32_t thing_pointer)
{
	uint32_t text = mkbtf_type(mk, BTF_PTR, "", mkbtf_type(mk, BTF_CONST, "", id->chr));
	uint32_t proto = mkbtf_type(mk, BTF_FUNC_PROTO, "", 0);
	const uint32_t params[] = {thing_pointer, text, 0};

	for (unsigned int i = 0; i < 3; i++) {
		mkbtf_parameter(mk, params[i]);
	}
	id->fn = mkbtf_type(mk, BTF_TYPEDEF, "work_fn", mkbtf_type(mk, BTF_PTR, "", proto));
	return text;
}

static void add_thing(struct mkbtf *mk, struct ids *id)
{
	uint32_t self = mkbtf_type(mk, BTF_PTR, "", 0), text, name, inner, pair, pids, pointer,
		 tail;
	size_t patch = mk->last;
	uint32_t proto, var;

	text = add_function(mk, id, self);
	name = mkbtf_array(mk, id->chr, 8);
	inner = mkbtf_type(mk, BTF_UNION, "", 4);
	mkbtf_member(mk, "inner", id->i32, 0);
	mkbtf_member(mk, "count", id->atomic, 0);
	pair = mkbtf_type(mk, BTF_STRUCT, "", 8);
	mkbtf_member(mk, "x", id->i64, 0);
	pair = mkbtf_array(mk, pair, 2);
	pids = mkbtf_array(mk, id->pid, 3);
	pointer = mkbtf_type(mk, BTF_PTR, "", mkbtf_type(mk, BTF_VOLATILE, "", 0));
	pointer = mkbtf_type(mk, BTF_CONST, "", pointer);
	tail = mkbtf_array(mk, id->u8, 0);
	id->thing = mkbtf_type(mk, BTF_STRUCT, "thing", MKTYPES_SIZE);
	mkbtf_member(mk, "number", id->i32, 0);
	mkbtf_member(mk, "small", id->u8, 8 * 4);
	mkbtf_member(mk, "yes", id->boolean, 8 * 5);
	mkbtf_member(mk, "bits_a", id->u16, 3U << 24 | 8 * 6);
	mkbtf_member(mk, "bits_b", id->i16, 5U << 24 | (8 * 6 + 3));
	mkbtf_member(mk, "word", id->u64, 8 * 8);
	mkbtf_member(mk, "list", id->head, 8 * 16);
	mkbtf_member(mk, "name", name, 8 * 32);
	mkbtf_member(mk, "self", self, 8 * 40);
	mkbtf_member(mk, "fn", id->fn, 8 * 48);
	mkbtf_member(mk, "text", text, 8 * 56);
	mkbtf_member(mk, "", inner, 8 * 64);
	mkbtf_member(mk, "pair", pair, 8 * 72);
	mkbtf_member(mk, "color", id->color, 8 * 88);
	mkbtf_member(mk, "flags", id->flags, 8 * 92);
	mkbtf_member(mk, "pids", pids, 8 * 96);
	mkbtf_member(mk, "pointer", pointer, 8 * 112);
	mkbtf_member(mk, "tail", tail, 8 * 120);
	mkbtf_flag(mk);
	mkbtf_target(mk, patch, id->thing);
	mkbtf_type(mk, BTF_STRUCT, "empty", 0);
	mkbtf_type(mk, BTF_FWD, "later", 0);
	proto = mkbtf_type(mk, BTF_FUNC_PROTO, "", id->i32);
	mkbtf_parameter(mk, self);
	mkbtf_type(mk, BTF_FUNC, "do_it", proto);
	var = mkbtf_type(mk, BTF_VAR, "counters", id->thing);
	mkbtf_word(mk, 1);
	mkbtf_type(mk, BTF_DATASEC, ".data..percpu", 4096);
	mkbtf_member(mk, "", var, 0);
}

static void fill_thing(struct fakekernel *fake, uint64_t at, bool big_endian)
{
	fake_u32(fake, at, (uint32_t)-7);
	*fake_at(fake, at + 4, 1) = 'A';
	*fake_at(fake, at + 5, 1) = 1;
	// 5 and -3, from the low bits up or from the high ones down
	*fake_at(fake, at + 6, 1) = big_endian ? 5 << 5 | 0x1d : 0x1d << 3 | 5;
	fake_u64(fake, at + 8, 1234);
	fake_u64(fake, at + 16, at + 16);
	fake_u64(fake, at + 24, 0);
	memcpy(fake_at(fake, at + 32, 8), "ab\"\033\n\0\0", 8);
	fake_u64(fake, at + 40, at);
	fake_u64(fake, at + 48, fake->base + MKTYPES_DO_IT);
	fake_u64(fake, at + 56, fake->base + MKTYPES_BANNER);
	fake_u32(fake, at + 64, 9);
	fake_u64(fake, at + 72, (uint64_t)-1);
	fake_u64(fake, at + 80, 2);
	fake_u32(fake, at + 88, 5);
	fake_u32(fake, at + 92, 1 | 8 | 0x40);
	for (uint32_t i = 0; i < 3; i++)
		fake_u32(fake, at + 96 + 4 * i, 10 + i);
	fake_u64(fake, at + 112, 0x123456);
}

void mktypes(struct fakekernel *fake, bool big_endian)
{
	static const struct mkname names[] = {
		{"__per_cpu_start", MKTYPES_COUNTERS},
		{"counters", MKTYPES_COUNTERS},
		{"__per_cpu_end", MKTYPES_COUNTERS + 0x100},
		{"__per_cpu_offset", OFFSETS},
		{"nr_cpu_ids", NR_CPUS},
		{"thing", MKTYPES_THING},
		{"thing.behind", MKTYPES_THING + 0x100},
		{"jiffies", MKTYPES_JIFFIES},
		{"linux_banner", MKTYPES_BANNER},
		{"avenrun", MKTYPES_BANNER + 0x40},
		{"after", MKTYPES_BANNER + 0x58},
		{"do_it", MKTYPES_DO_IT},
	};
	struct mkbtf *mk = mkbtf_create(big_endian);
	struct ids id = {0};

	add_enums(mk, &id);
	add_basics(mk, &id);
	add_thing(mk, &id);
	mkkernel(fake, EM_X86_64, big_endian, names, sizeof(names) / sizeof(names[0]), mk);
	fill_thing(fake, fake->base + MKTYPES_THING, big_endian);
	fake_u64(fake, fake->base + MKTYPES_JIFFIES, 4711);
	strcpy((char *)fake_at(fake, fake->base + MKTYPES_BANNER, 16), "Linux banner");
	fake_u32(fake, fake->base + NR_CPUS, 2);
	fake_u64(fake, fake->base + OFFSETS, 0x10000);
	fake_u64(fake, fake->base + OFFSETS + 8, 0x11000);
	fake_u32(fake, fake->base + MKTYPES_COUNTERS + 0x10000, 100);
	fake_u32(fake, fake->base + MKTYPES_COUNTERS + 0x11000, 101);
}
