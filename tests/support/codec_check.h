/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every page codec has to do. */
#ifndef TESTS_SUPPORT_CODEC_CHECK_H
#define TESTS_SUPPORT_CODEC_CHECK_H

struct codec;

/** Blocks of several sizes and contents there and back at every level, blocks that cannot be made
 * smaller, and damaged ones. NULL when all is well, else what is not. */
const char *codec_check(const struct codec *codec);

/** What one encodes the other decodes. */
const char *codec_check_pair(const struct codec *encoder, const struct codec *decoder);

#endif
