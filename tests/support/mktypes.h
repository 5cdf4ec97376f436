/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fake kernel that has a bit of everything that C can declare:
 *
 *   enum color { RED, GREEN = 5, BLUE = -1 };     enum flags { F_A = 1, F_B = 2, F_D = 8 };
 *   struct list_head { struct list_head *next, *prev; };
 *   typedef struct { int counter; } atomic_t;     typedef int pid_t;
 *   typedef void (*work_fn)(struct thing *, const char *, ...);
 *   struct thing {
 *           int number;                           0
 *           unsigned char small;                  4
 *           _Bool yes;                            5
 *           unsigned short bits_a : 3;            6, bits 0-2
 *           short bits_b : 5;                     6, bits 3-7
 *           unsigned long word;                   8
 *           struct list_head list;                16
 *           char name[8];                         32
 *           struct thing *self;                   40
 *           work_fn fn;                           48
 *           const char *text;                     56
 *           union { int inner; atomic_t count; }; 64
 *           struct { long x; } pair[2];           72
 *           enum color color;                     88
 *           enum flags flags;                     92
 *           pid_t pids[3];                        96
 *           volatile void * const pointer;        112
 *           unsigned char tail[];                 120
 *   };
 *   struct empty { };  struct later;  int do_it(struct thing *);
 *   per-CPU: struct thing counters;               int plain (of the table: jiffies, linux_banner)
 */
#ifndef TESTS_SUPPORT_MKTYPES_H
#define TESTS_SUPPORT_MKTYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/fakekernel.h"

#define MKTYPES_SIZE 120U /* of struct thing */

// Variables, behind fake->base. The thing at MKTYPES_THING is filled with values.
#define MKTYPES_COUNTERS 0x1000U /* per-CPU: copies at + 0x10000 and + 0x11000 */
#define MKTYPES_THING    0x4000U /* "thing", whose type nobody knows */
#define MKTYPES_JIFFIES  0x5000U
#define MKTYPES_BANNER   0x5008U
#define MKTYPES_DO_IT    0x6000U

void mktypes(struct fakekernel *fake, bool big_endian);

#endif
