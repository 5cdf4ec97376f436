// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/evidence.h"

#include <stdio.h>
#include <string.h>

const char *const fact_state_names[] = {
	[FACT_UNKNOWN] = "unknown",
	[FACT_SINGLE] = "single",
	[FACT_AGREED] = "agreed",
	[FACT_DISPUTED] = "disputed",
};

static bool same(const struct fact *fact, const struct witness *a, const struct witness *b)
{
	if (a->lost || b->lost)
		return a->lost && b->lost;
	return fact->kind == FACT_TEXT ? !strcmp(a->text, b->text) : a->value == b->value;
}

const struct fact *evidence_find(const struct evidence *evidence, const char *fact)
{
	for (size_t i = 0; i < evidence->nr; i++) {
		if (!strcmp(evidence->facts[i].name, fact))
			return &evidence->facts[i];
	}
	return NULL;
}

static void add(struct evidence *evidence, const char *name, enum fact_kind kind,
		const struct witness *witness)
{
	struct fact *fact = (struct fact *)evidence_find(evidence, name);

	if (!fact) {
		if (evidence->nr == EVIDENCE_MAX_FACTS)
			return;
		fact = &evidence->facts[evidence->nr++];
		*fact = (struct fact){.name = name, .kind = kind};
	}
	for (size_t i = 0; i < fact->nr; i++) {
		if (!strcmp(fact->witnesses[i].source, witness->source) &&
		    same(fact, &fact->witnesses[i], witness))
			return;
	}
	if (fact->nr < EVIDENCE_MAX_WITNESSES)
		fact->witnesses[fact->nr++] = *witness;
}

void evidence_say(struct evidence *evidence, const char *fact, enum fact_kind kind,
		  const char *source, uint64_t value)
{
	const struct witness witness = {.source = source, .value = value};

	add(evidence, fact, kind, &witness);
}

void evidence_say_text(struct evidence *evidence, const char *fact, const char *source,
		       const char *text)
{
	struct witness witness = {.source = source};

	snprintf(witness.text, sizeof(witness.text), "%s", text);
	add(evidence, fact, FACT_TEXT, &witness);
}

void evidence_lose(struct evidence *evidence, const char *fact, enum fact_kind kind,
		   const char *source, const char *why)
{
	const struct witness witness = {.source = source, .lost = why};

	add(evidence, fact, kind, &witness);
}

static size_t supporters(const struct fact *fact, const struct witness *witness)
{
	size_t nr = 0;

	for (size_t i = 0; i < fact->nr; i++)
		nr += same(fact, &fact->witnesses[i], witness);
	return nr;
}

enum fact_state fact_judge(const struct fact *fact, const struct witness **ret)
{
	size_t most = 0, nr_saying = 0;

	*ret = NULL;
	for (size_t i = 0; i < fact->nr; i++) {
		const struct witness *witness = &fact->witnesses[i];
		size_t nr;

		if (witness->lost)
			continue;
		nr_saying++;
		nr = supporters(fact, witness);
		if (nr > most) {
			most = nr;
			*ret = witness;
		}
	}
	if (!nr_saying)
		return FACT_UNKNOWN;
	if (most < nr_saying)
		return FACT_DISPUTED;
	return nr_saying > 1 ? FACT_AGREED : FACT_SINGLE;
}

bool evidence_value(const struct evidence *evidence, const char *fact, uint64_t *ret)
{
	const struct fact *found = evidence_find(evidence, fact);
	const struct witness *witness;

	if (!found || found->kind == FACT_TEXT)
		return false;
	fact_judge(found, &witness);
	if (witness)
		*ret = witness->value;
	return witness;
}
