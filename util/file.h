/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An input file, and a target that is written whole or not at all. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

struct file;

/** Files whose bytes are made of those of other files; struct file is the first member of theirs.
 */
struct file_ops {
	/** As pread(2), for off below file->size: up to len bytes, or -1 and errno. */
	ssize_t (*pread)(const struct file *file, uint64_t off, void *buf, size_t len);
	/** The file that has the byte at *off, which becomes the offset there. */
	const struct file *(*locate)(const struct file *file, uint64_t *off);
	/** As file_next_data(); NULL where all of it may be data. */
	bool (*next_data)(const struct file *file, uint64_t off, uint64_t *start, uint64_t *end);
	/** Frees everything but path. */
	void (*close)(struct file *file);
};

/** An input that can be read at any offset. Immutable after file_open(), so threads may share it.
 */
struct file {
	int fd;        /**< with ops that of a file behind it, not to be read */
	char *path;    /**< as the user gave it, for messages */
	uint64_t size; /**< bytes; for a block device its capacity */
	bool regular;
	bool proc; /**< in procfs (/proc/vmcore, /proc/kcore): may be mapped, its size is made up */
	const struct file_ops *ops; /**< NULL: the bytes are those of fd */
};

/** Opens a regular file, a block device or a /proc file for reading. */
struct error *file_open(const char *path, struct file **ret);
void file_close(struct file *file);
DEFINE_CLEANUP(struct file *, file_close)
#define _cleanup_file_ _cleanup_(cleanup_file_close)

/** As pread(2), but of any file. */
ssize_t file_pread(const struct file *file, uint64_t off, void *buf, size_t len);

/** The name to tell people for the byte at *off, which becomes the offset in the file of that name.
 */
const char *file_where(const struct file *file, uint64_t *off);

/** The next stretch at or behind off that may hold other bytes than zero, as the file system knows
 * without reading. False when there is none. */
bool file_next_data(const struct file *file, uint64_t off, uint64_t *start, uint64_t *end);

/** Whether file_next_data() passes over anything to speak of. */
bool file_is_sparse(const struct file *file);

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
	bool stream;          /**< a new file is written as a stream, from its first byte to its
			       * last */
};

/** A place to write to: a new regular file under its working name, a block device, or a stream. */
struct target {
	int fd;
	enum target_kind kind;
	char *path;        /**< final name, "-" for stdout */
	char *working;     /**< name while it is written; NULL for devices and streams */
	uint64_t capacity; /**< bytes of a block device, else UINT64_MAX */
	bool holes;        /**< what lies between written parts costs nothing */
	uint64_t flat_off; /**< what is written from here on does not stay in the page cache */
	atomic_bool lost;  /**< written data did not reach the disk, which the system says once */
	struct target_options options;
};

/** Opens path for writing with mode 0600; "-" is stdout, which has to be no terminal; an existing
 * pipe or character device is a stream too. An existing file without options->force is ERROR_USAGE;
 * so is an existing PATH.incomplete. */
struct error *target_create(const char *path, const struct target_options *options,
			    struct target **ret);

/** Writes all of buf at off. A file that outgrows the machine's memory, as a dump in a capture
 * kernel, goes to the disk meanwhile and does not fill the page cache. Thread-safe. */
struct error *target_write(struct target *target, uint64_t off, const void *buf, size_t len);

/** Makes len bytes at off share the space of those at from_off of another file, where the file
 * system can do that. False: it cannot, and nothing changed. */
bool target_clone(struct target *target, uint64_t off, int from, uint64_t from_off, size_t len);

/** Writes all of buf at the current end of a stream. */
struct error *target_append(struct target *target, const void *buf, size_t len);

/** Reads back len bytes that were written at off. Not for streams. */
struct error *target_read(const struct target *target, uint64_t off, void *buf, size_t len);

/** Makes all that was written durable; nothing to do for a stream. Once it failed it always does,
 * until target_resize() made the file empty. */
struct error *target_sync(struct target *target);

/** Sets the size of a regular file (a hole or a cut at its end); elsewhere nothing. */
struct error *target_resize(struct target *target, uint64_t size);

/** Bytes that the file system of a regular file has room for; 0 elsewhere. */
uint64_t target_free(const struct target *target);

/** Allocates disk space for len bytes at off of a regular file, which keeps its size;
 * target_resize() gives back what lies behind its end. A full disk is ERROR_NO_SPACE. Devices,
 * streams and some file systems cannot do it, which *possible says. */
struct error *target_reserve(struct target *target, uint64_t off, uint64_t len, bool *possible);

/** Gives back the disk space of len bytes at off, which read as zero then, where the file system
 * can do it. */
void target_punch(struct target *target, uint64_t off, uint64_t len);

/** Makes it durable and gives it its final name; the directory is synced too. */
struct error *target_commit(struct target *target);

/** Releases the target. When target_commit() was not reached, the working file is removed, unless
 * options.keep_incomplete. */
void target_destroy(struct target *target);
DEFINE_CLEANUP(struct target *, target_destroy)
#define _cleanup_target_ _cleanup_(cleanup_target_destroy)

#endif
