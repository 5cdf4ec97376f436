/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An input file, and a target that is written whole or not at all. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/** An input that can be read at any offset. Immutable after file_open(), so threads may share it.
 */
struct file {
	int fd;
	char *path;    /**< as the user gave it, for messages */
	uint64_t size; /**< bytes; for a block device its capacity */
	bool regular;
	bool proc; /**< in procfs (/proc/vmcore, /proc/kcore): may be mapped, its size is made up */
};

/** Opens a regular file, a block device or a /proc file for reading. */
struct error *file_open(const char *path, struct file **ret);
void file_close(struct file *file);
DEFINE_CLEANUP(struct file *, file_close)
#define _cleanup_file_ _cleanup_(cleanup_file_close)

/** Reads up to len bytes at off into buf; *done says how many came, fewer only at the end of the
 * file. A read error after some bytes were got counts as success with those bytes. */
struct error *file_read(const struct file *file, uint64_t off, void *buf, size_t len, size_t *done);

/** As file_read(), but the end of the file within the range is an error that names the offset. */
struct error *file_read_full(const struct file *file, uint64_t off, void *buf, size_t len);

enum target_kind { TARGET_FILE, TARGET_BLOCK, TARGET_STREAM };

/** How target_create() names and what target_discard() leaves. */
struct target_options {
	bool force;           /**< replace an existing file */
	bool keep_incomplete; /**< the working name is PATH.incomplete and survives failure
			       * (capture); else it is a temporary name beside PATH that goes away
			       */
};

/** A place to write to: a new regular file under its working name, a block device, or a stream. */
struct target {
	int fd;
	enum target_kind kind;
	char *path;        /**< final name, "-" for stdout */
	char *working;     /**< name while it is written; NULL for devices and streams */
	uint64_t capacity; /**< bytes of a block device, else UINT64_MAX */
	struct target_options options;
};

/** Opens path for writing with mode 0600; "-" is stdout, which has to be no terminal; an existing
 * pipe or character device is a stream too. An existing file without options->force is ERROR_USAGE;
 * so is an existing PATH.incomplete. */
struct error *target_create(const char *path, const struct target_options *options,
			    struct target **ret);

/** Writes all of buf at off. */
struct error *target_write(struct target *target, uint64_t off, const void *buf, size_t len);

/** Writes all of buf at the current end of a stream. */
struct error *target_append(struct target *target, const void *buf, size_t len);

/** Reads back len bytes that were written at off. Not for streams. */
struct error *target_read(const struct target *target, uint64_t off, void *buf, size_t len);

/** Makes all that was written durable; nothing to do for a stream. */
struct error *target_sync(struct target *target);

/** Sets the size of a regular file (a hole or a cut at its end); elsewhere nothing. */
struct error *target_resize(struct target *target, uint64_t size);

/** Allocates disk space for len bytes at off of a regular file, behind its end, which stays where
 * it is; target_resize() gives it back. A full disk is ERROR_NO_SPACE. Devices, streams and some
 * file systems cannot do it, which *possible says. */
struct error *target_reserve(struct target *target, uint64_t off, uint64_t len, bool *possible);

/** Makes it durable and gives it its final name; the directory is synced too. */
struct error *target_commit(struct target *target);

/** Releases the target. When target_commit() was not reached, the working file is removed, unless
 * options.keep_incomplete. */
void target_destroy(struct target *target);
DEFINE_CLEANUP(struct target *, target_destroy)
#define _cleanup_target_ _cleanup_(cleanup_target_destroy)

#endif
