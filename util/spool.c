// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define COPY_BYTES (1U << 20)
#define POLL_MSEC  200 // how long a stop may take to be seen
#define STDIN_NAME "standard input"

/* Not every file system has O_TMPFILE. */
static int open_unnamed(const char *dir)
{
	int fd = sys_open(dir, O_RDWR | O_TMPFILE | O_EXCL, 0600);
	_cleanup_free_ char *path = NULL;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	if (asprintf(&path, "%s/vmcore.%ld.tmp", dir, (long)getpid()) < 0) {
		path = NULL;
		errno = ENOMEM;
		return -1;
	}
	fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd >= 0)
		sys_unlink(path);
	return fd;
}

struct error *spool_create(const char *dir, const char *name, struct file **ret)
{
	_cleanup_file_ struct file *file = sys_calloc(1, sizeof(*file));

	if (!file)
		return &error_nomem;
	file->fd = -1;
	file->regular = true;
	file->path = strdup(name);
	if (!file->path)
		return &error_nomem;
	file->fd = open_unnamed(dir);
	if (file->fd < 0)
		return error_os(errno, "%s: cannot put a copy of %s there", dir, name);
	*ret = TAKE_PTR(file);
	return NULL;
}

struct error *spool_write(struct file *spool, uint64_t off, const void *buf, size_t len)
{
	for (size_t put = 0; put < len;) {
		ssize_t n = sys_pwrite(spool->fd, (const char *)buf + put, len - put,
				       (off_t)(off + put));

		if (n <= 0)
			return error_os(n ? errno : ENOSPC, "temporary copy of %s: write",
					spool->path);
		put += (size_t)n;
	}
	spool->size = max_u64(spool->size, off + len);
	return NULL;
}

struct error *spool_resize(struct file *spool, uint64_t size)
{
	if (size > INT64_MAX || ftruncate(spool->fd, (off_t)size))
		return error_os(size > INT64_MAX ? EFBIG : errno, "temporary copy of %s: set size",
				spool->path);
	spool->size = size;
	return NULL;
}

/* Whether there is something to read, or the end; the signal that sets *stop ends the wait. */
static struct error *wait_stdin(const atomic_bool *stop)
{
	struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};

	while (!stop || !atomic_load(stop)) {
		if (poll(&pfd, 1, POLL_MSEC) > 0)
			return NULL;
	}
	return error_create(ERROR_INTERRUPTED, "interrupted");
}

static struct error *copy_stdin(struct file *spool, const atomic_bool *stop)
{
	_cleanup_free_ uint8_t *buf = sys_malloc(COPY_BYTES);
	struct error *err = buf ? NULL : &error_nomem;
	ssize_t n;

	while (!err) {
		if ((err = wait_stdin(stop)))
			break;
		n = sys_read(STDIN_FILENO, buf, COPY_BYTES);
		if (n < 0)
			return error_os(errno, STDIN_NAME);
		if (!n)
			break;
		err = spool_write(spool, spool->size, buf, (size_t)n);
	}
	return err;
}

struct error *spool_stdin(const char *dir, const atomic_bool *stop, struct file **ret)
{
	_cleanup_file_ struct file *file = NULL;
	struct error *err;

	if (isatty(STDIN_FILENO))
		return error_create(ERROR_USAGE, STDIN_NAME " is a terminal");
	// a file that begins where it was opened
	if (sys_lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 &&
	    !error_ignore(file_open("/proc/self/fd/0", &file))) {
		free(file->path);
		file->path = strdup(STDIN_NAME);
		if (!file->path)
			return &error_nomem;
	} else {
		if ((err = spool_create(dir, STDIN_NAME, &file)) || (err = copy_stdin(file, stop)))
			return err;
	}
	*ret = TAKE_PTR(file);
	return NULL;
}
