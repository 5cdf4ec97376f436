// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/checked.h"
#include "util/sys.h"

#define FLAT_STEP  (8U << 20) // bytes that are sent to the disk at once
#define FLAT_SHARE 8U         // of memory that a target may have in the page cache: one in so many

static struct error *input_size(struct file *file)
{
	struct statfs fs;
	struct stat st;

	if (fstat(file->fd, &st) || fstatfs(file->fd, &fs))
		return error_os(errno, "%s", file->path);
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(file->fd, BLKGETSIZE64, &file->size))
			return error_os(errno, "%s: cannot find its size", file->path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode))
		return error_create(ERROR_FORMAT, "%s: neither a regular file nor a block device",
				    file->path);
	file->regular = true;
	file->proc = fs.f_type == PROC_SUPER_MAGIC;
	file->size = (uint64_t)st.st_size;
	return NULL;
}

struct error *file_open(const char *path, struct file **ret)
{
	_cleanup_file_ struct file *file = sys_calloc(1, sizeof(*file));
	struct error *err;

	if (!file)
		return &error_nomem;
	file->path = strdup(path);
	file->fd = -1;
	if (!file->path)
		return &error_nomem;
	file->fd = sys_open(path, O_RDONLY | O_NONBLOCK, 0);
	if (file->fd < 0)
		return error_os(errno, "%s", path);
	if ((err = input_size(file)))
		return err;
	*ret = TAKE_PTR(file);
	return NULL;
}

void file_close(struct file *file)
{
	if (file->ops)
		file->ops->close(file);
	else if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file);
}

ssize_t file_pread(const struct file *file, uint64_t off, void *buf, size_t len)
{
	if (!file->ops)
		return sys_pread(file->fd, buf, len, (off_t)off);
	return off < file->size ? file->ops->pread(file, off, buf, len) : 0;
}

const char *file_where(const struct file *file, uint64_t *off)
{
	while (file->ops && *off < file->size)
		file = file->ops->locate(file, off);
	return file->path;
}

bool file_next_data(const struct file *file, uint64_t off, uint64_t *start, uint64_t *end)
{
	off_t data, hole;

	if (off >= file->size)
		return false;
	*start = off;
	*end = file->size;
	if (file->ops && file->ops->next_data)
		return file->ops->next_data(file, off, start, end);
	if (file->ops || !file->regular || file->proc || file->size > INT64_MAX)
		return true;
	data = sys_lseek(file->fd, (off_t)off, SEEK_DATA);
	if (data < 0)
		return errno != ENXIO; // unless it cannot tell
	hole = sys_lseek(file->fd, data, SEEK_HOLE);
	*start = (uint64_t)data;
	*end = hole > data ? (uint64_t)hole : file->size;
	return true;
}

bool file_is_sparse(const struct file *file)
{
	struct stat st;

	if (file->ops)
		return file->ops->next_data != NULL;
	return file->regular && !file->proc && !fstat(file->fd, &st) &&
	       (uint64_t)st.st_blocks * 512 < file->size - file->size / 16;
}

struct error *file_read(const struct file *file, uint64_t off, void *buf, size_t len, size_t *done)
{
	size_t got = 0;

	if (off > INT64_MAX - len)
		return error_create(ERROR_FORMAT, "%s: offset %#llx is out of any file", file->path,
				    (unsigned long long)off);
	while (got < len) {
		ssize_t n = file_pread(file, off + got, (char *)buf + got, len - got);

		if (n < 0 && !got) {
			int errnum = errno;
			const char *path = file_where(file, &off);

			return error_os(errnum, "%s: read at offset %#llx", path,
					(unsigned long long)off);
		}
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	*done = got;
	return NULL;
}

struct error *file_read_full(const struct file *file, uint64_t off, void *buf, size_t len)
{
	size_t done = 0;
	struct error *err = file_read(file, off, buf, len, &done);

	if (!err && done < len)
		return error_create(
			ERROR_FORMAT,
			"%s: file ends at offset %#llx, but %zu bytes at %#llx are needed",
			file->path, (unsigned long long)(off + done), len, (unsigned long long)off);
	return err;
}

static struct error *open_stream(struct target *target)
{
	if (isatty(STDOUT_FILENO))
		return error_create(ERROR_USAGE,
				    "standard output is a terminal, not writing a dump to it");
	target->kind = TARGET_STREAM;
	target->fd = dup(STDOUT_FILENO);
	return target->fd < 0 ? error_os(errno, "standard output") : NULL;
}

/* A pipe, /dev/null: never to be replaced by a file. */
static struct error *open_special(struct target *target)
{
	target->kind = TARGET_STREAM;
	target->fd = sys_open(target->path, O_WRONLY, 0);
	return target->fd < 0 ? error_os(errno, "%s", target->path) : NULL;
}

static struct error *open_block(struct target *target)
{
	target->kind = TARGET_BLOCK;
	target->fd = sys_open(target->path, O_RDWR | O_EXCL, 0);
	if (target->fd < 0)
		return error_os(errno, "%s", target->path);
	if (ioctl(target->fd, BLKGETSIZE64, &target->capacity))
		return error_os(errno, "%s: cannot find its size", target->path);
	return NULL;
}

/* O_EXCL and O_NOFOLLOW: a dump holds secrets, nobody else's file or link may receive it. */
static struct error *open_working(struct target *target)
{
	const char *suffix = target->options.keep_incomplete ? "incomplete" : "tmp";
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;

	target->kind = target->options.stream ? TARGET_STREAM : TARGET_FILE;
	if (!target->options.force && access(target->path, F_OK) == 0)
		return error_create(ERROR_USAGE, "%s: exists already (-f overwrites)",
				    target->path);
	if (asprintf(&target->working, "%s.%s", target->path, suffix) < 0) {
		target->working = NULL;
		return &error_nomem;
	}
	if (target->options.force || !target->options.keep_incomplete)
		sys_unlink(target->working);
	target->fd = sys_open(target->working, flags, 0600);
	if (target->fd >= 0)
		return NULL;
	if (errno == EEXIST) {
		struct error *err = error_create(
			ERROR_USAGE, "%s: exists, left by an earlier run (-f overwrites)",
			target->working);

		free(TAKE_PTR(target->working));
		return err;
	}
	return error_os(errno, "%s", target->working);
}

/* What the file system is like. FAT knows no holes: it fills them with zeros at once. */
static void look_at_fs(struct target *target)
{
	struct statfs fs = {0};

	if (target->kind == TARGET_STREAM)
		return;
	fstatfs(target->fd, &fs);
	target->holes = fs.f_type != MSDOS_SUPER_MAGIC && fs.f_type != EXFAT_SUPER_MAGIC;
	if (target->kind == TARGET_BLOCK || (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		target->flat_off = (uint64_t)sysconf(_SC_PHYS_PAGES) / FLAT_SHARE *
				   (uint64_t)sysconf(_SC_PAGESIZE);
}

struct error *target_create(const char *path, const struct target_options *options,
			    struct target **ret)
{
	_cleanup_target_ struct target *target = sys_calloc(1, sizeof(*target));
	struct error *err;
	struct stat st;

	if (!target)
		return &error_nomem;
	*target = (struct target){
		.fd = -1,
		.capacity = UINT64_MAX,
		.flat_off = UINT64_MAX,
		.options = *options,
	};
	target->path = strdup(path);
	if (!target->path)
		return &error_nomem;
	if (!strcmp(path, "-"))
		err = open_stream(target);
	else if (stat(path, &st) || S_ISREG(st.st_mode))
		err = open_working(target);
	else if (S_ISBLK(st.st_mode))
		err = open_block(target);
	else
		err = open_special(target);
	if (err)
		return err;
	look_at_fs(target);
	*ret = TAKE_PTR(target);
	return NULL;
}

static const char *target_name(const struct target *target)
{
	return target->working ? target->working : target->path;
}

static struct error *lost(struct target *target, const char *what)
{
	atomic_store(&target->lost, true);
	return error_os(errno, "%s: %s", target_name(target), what);
}

/* Who writes the end of a step sends the one before it to the disk, and waits for the one before
 * that, which was sent the same way: the disk is always busy, and the page cache holds a few steps.
 */
static struct error *write_behind(struct target *target, uint64_t off, uint64_t end)
{
	const unsigned int wait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				  SYNC_FILE_RANGE_WAIT_AFTER;
	uint64_t step = align_down(end, FLAT_STEP);

	if (off >= step || step < 2ULL * FLAT_STEP || step - 2ULL * FLAT_STEP < target->flat_off)
		return NULL;
	sys_sync_file_range(target->fd, (off_t)(step - FLAT_STEP), FLAT_STEP,
			    SYNC_FILE_RANGE_WRITE);
	step -= 2ULL * FLAT_STEP;
	if (sys_sync_file_range(target->fd, (off_t)step, FLAT_STEP, wait) &&
	    (errno == EIO || errno == ENOSPC || errno == EDQUOT))
		return lost(target, "writing to the disk");
	sys_fadvise(target->fd, (off_t)step, FLAT_STEP, POSIX_FADV_DONTNEED);
	return NULL;
}

struct error *target_write(struct target *target, uint64_t off, const void *buf, size_t len)
{
	size_t put = 0;

	if (off > INT64_MAX - len || off + len > target->capacity)
		return error_create(ERROR_NO_SPACE, "%s: %zu bytes at offset %#llx do not fit",
				    target_name(target), len, (unsigned long long)off);
	while (put < len) {
		ssize_t n = sys_pwrite(target->fd, (const char *)buf + put, len - put,
				       (off_t)(off + put));

		if (n <= 0)
			return error_os(n ? errno : ENOSPC, "%s: write at offset %#llx",
					target_name(target), (unsigned long long)(off + put));
		put += (size_t)n;
	}
	return write_behind(target, off, off + len);
}

bool target_clone(struct target *target, uint64_t off, int from, uint64_t from_off, size_t len)
{
	return target->kind == TARGET_FILE && off <= INT64_MAX && from_off <= INT64_MAX &&
	       !sys_clone_range(target->fd, (off_t)off, from, (off_t)from_off, len);
}

struct error *target_append(struct target *target, const void *buf, size_t len)
{
	size_t put = 0;

	while (put < len) {
		ssize_t n = sys_write(target->fd, (const char *)buf + put, len - put);

		if (n <= 0)
			return error_os(n ? errno : ENOSPC, "%s: write", target_name(target));
		put += (size_t)n;
	}
	return NULL;
}

struct error *target_read(const struct target *target, uint64_t off, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = sys_pread(target->fd, (char *)buf + got, len - got, (off_t)(off + got));

		if (n <= 0)
			return error_os(n ? errno : EIO, "%s: read back at offset %#llx",
					target_name(target), (unsigned long long)(off + got));
		got += (size_t)n;
	}
	return NULL;
}

struct error *target_sync(struct target *target)
{
	if (target->kind == TARGET_STREAM && !target->working)
		return NULL;
	if (atomic_load(&target->lost))
		return error_create(ERROR_OS, "%s: written data were lost", target_name(target));
	return sys_fsync(target->fd) ? lost(target, "sync") : NULL;
}

struct error *target_resize(struct target *target, uint64_t size)
{
	if (target->kind != TARGET_FILE)
		return NULL;
	if (size > INT64_MAX || ftruncate(target->fd, (off_t)size))
		return error_os(size > INT64_MAX ? EFBIG : errno, "%s: set size %llu",
				target_name(target), (unsigned long long)size);
	if (!size)
		atomic_store(&target->lost, false);
	return NULL;
}

uint64_t target_free(const struct target *target)
{
	struct statvfs fs;

	if (target->kind != TARGET_FILE || sys_fstatvfs(target->fd, &fs))
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

struct error *target_reserve(struct target *target, uint64_t off, uint64_t len, bool *possible)
{
	*possible = false;
	if (target->kind != TARGET_FILE || off > INT64_MAX || len > INT64_MAX - off)
		return NULL;
	*possible = true;
	if (!sys_fallocate(target->fd, FALLOC_FL_KEEP_SIZE, (off_t)off, (off_t)len))
		return NULL;
	*possible = errno == ENOSPC || errno == EDQUOT;
	if (!*possible)
		return NULL;
	return error_os(errno, "%s: no space for %llu bytes at offset %#llx", target_name(target),
			(unsigned long long)len, (unsigned long long)off);
}

void target_punch(struct target *target, uint64_t off, uint64_t len)
{
	if (target->kind == TARGET_FILE && len && off <= INT64_MAX && len <= INT64_MAX - off)
		sys_fallocate(target->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)off,
			      (off_t)len);
}

/* A rename is durable only when the directory is. */
static void sync_directory(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int fd = -1;
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash)
		slash[slash == copy] = '\0';
	fd = sys_open(slash ? copy : ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd >= 0)
		sys_fsync(fd);
}

struct error *target_commit(struct target *target)
{
	struct error *err = target_sync(target);

	if (err || !target->working)
		return err;
	if (sys_rename(target->working, target->path))
		return error_os(errno, "%s: rename to %s", target->working, target->path);
	free(TAKE_PTR(target->working));
	sync_directory(target->path);
	return NULL;
}

void target_destroy(struct target *target)
{
	if (target->fd >= 0)
		close(target->fd);
	if (target->working && !target->options.keep_incomplete)
		sys_unlink(target->working);
	free(target->working);
	free(target->path);
	free(target);
}
