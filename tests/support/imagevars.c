// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/imagevars.h"

#include <stdlib.h>

#include "util/bytes.h"

#define SOMEWHERE 0xffffffff92000000ULL

static bool find_symbol(void *arg, const char *name, uint64_t *ret)
{
	const struct imagevars *vars = arg;

	for (size_t i = 0; i < vars->nr; i++) {
		if (!strcmp(vars->vars[i].name, name)) {
			*ret = vars->vars[i].vaddr;
			return true;
		}
	}
	return false;
}

static bool read_image(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	const struct imagevars *vars = arg;

	for (size_t i = 0; i < vars->nr; i++) {
		uint64_t off = vaddr - vars->vars[i].vaddr;

		if (off >= IMAGEVARS_LEN || len > IMAGEVARS_LEN - off)
			continue;
		memcpy(buf, vars->vars[i].data + off, len);
		return !vars->vars[i].damaged;
	}
	return false;
}

void imagevars_say(void *arg, size_t fact, const char *source, uint64_t value)
{
	struct imagevars *vars = arg;

	assert_in_range(fact, 0, vars->recover->nr_facts - 1);
	assert_true(vars->nr_said < IMAGEVARS_MAX);
	vars->said[vars->nr_said].fact = vars->recover->facts[fact].name;
	vars->said[vars->nr_said].source = source;
	vars->said[vars->nr_said++].value = value;
}

struct imagevars *imagevars_create(const struct arch_recover *recover, bool big_endian)
{
	struct imagevars *vars = calloc(1, sizeof(*vars));

	assert_non_null(vars);
	vars->recover = recover;
	vars->image = (struct arch_image){
		.facts = &vars->facts,
		.big_endian = big_endian,
		.word = 8,
		.complete = true,
		.placed = true,
		.symbol = find_symbol,
		.read = read_image,
		.arg = vars,
	};
	return vars;
}

void imagevars_destroy(struct imagevars *vars)
{
	free(vars);
}

uint8_t *imagevars_add(struct imagevars *vars, const char *name, uint64_t vaddr, uint64_t value)
{
	size_t i = vars->nr++;

	assert_true(i < IMAGEVARS_MAX);
	vars->vars[i].name = name;
	vars->vars[i].vaddr = vaddr ? vaddr : SOMEWHERE + i * IMAGEVARS_LEN;
	store_u64(vars->vars[i].data, value, vars->image.big_endian);
	return vars->vars[i].data;
}

void imagevars_damage(struct imagevars *vars, const char *name)
{
	for (size_t i = 0; i < vars->nr; i++)
		vars->vars[i].damaged |= !strcmp(vars->vars[i].name, name);
}

void imagevars_rename(struct imagevars *vars, const char *name, const char *to)
{
	for (size_t i = 0; i < vars->nr; i++) {
		if (!strcmp(vars->vars[i].name, name))
			vars->vars[i].name = to;
	}
}

bool imagevars_recover(struct imagevars *vars)
{
	vars->nr_said = 0;
	return vars->recover->recover(&vars->image, imagevars_say, vars, &vars->voffset);
}

bool imagevars_says(const struct imagevars *vars, const char *fact, const char *source)
{
	for (size_t i = 0; i < vars->nr_said; i++) {
		if (!strcmp(vars->said[i].fact, fact) && !strcmp(vars->said[i].source, source))
			return true;
	}
	return false;
}

uint64_t imagevars_value(const struct imagevars *vars, const char *fact, const char *source)
{
	for (size_t i = 0; i < vars->nr_said; i++) {
		if (!strcmp(vars->said[i].fact, fact) && !strcmp(vars->said[i].source, source))
			return vars->said[i].value;
	}
	return 0;
}
