/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bits of a dump level, as makedumpfile(8) defined them and the kdump header records them. */
#ifndef DUMP_LEVEL_H
#define DUMP_LEVEL_H

enum dump_level {
	DUMP_LEVEL_ZERO = 1,
	DUMP_LEVEL_CACHE = 2,         /**< page cache that is not private */
	DUMP_LEVEL_CACHE_PRIVATE = 4, /**< all page cache, private or not */
	DUMP_LEVEL_USER = 8,
	DUMP_LEVEL_FREE = 16,
	DUMP_LEVEL_MAX = 31,
};

#endif
