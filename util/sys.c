// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

void *sys_malloc(size_t size)
{
	return malloc(size);
}

void *sys_calloc(size_t nr, size_t size)
{
	return calloc(nr, size);
}

void *sys_realloc(void *old, size_t size)
{
	return realloc(old, size);
}

int sys_open(const char *path, int flags, mode_t mode)
{
	return (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC, mode));
}

ssize_t sys_pread(int fd, void *buf, size_t len, off_t off)
{
	return TEMP_FAILURE_RETRY(pread(fd, buf, len, off));
}

ssize_t sys_read(int fd, void *buf, size_t len)
{
	return TEMP_FAILURE_RETRY(read(fd, buf, len));
}

ssize_t sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	return TEMP_FAILURE_RETRY(pwrite(fd, buf, len, off));
}

ssize_t sys_write(int fd, const void *buf, size_t len)
{
	return TEMP_FAILURE_RETRY(write(fd, buf, len));
}

off_t sys_lseek(int fd, off_t off, int whence)
{
	return lseek(fd, off, whence);
}

void *sys_mmap(int fd, size_t len, off_t off)
{
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, off);

	return p == MAP_FAILED ? NULL : p;
}

int sys_fsync(int fd)
{
	return (int)TEMP_FAILURE_RETRY(fsync(fd));
}

int sys_fallocate(int fd, int mode, off_t off, off_t len)
{
	return (int)TEMP_FAILURE_RETRY(fallocate(fd, mode, off, len));
}

int sys_clone_range(int to, off_t to_off, int from, off_t from_off, size_t len)
{
	struct file_clone_range range = {
		.src_fd = from,
		.src_offset = (uint64_t)from_off,
		.src_length = len,
		.dest_offset = (uint64_t)to_off,
	};

	return TEMP_FAILURE_RETRY(ioctl(to, FICLONERANGE, &range));
}

int sys_fstatvfs(int fd, struct statvfs *ret)
{
	return (int)TEMP_FAILURE_RETRY(fstatvfs(fd, ret));
}

int sys_sync_file_range(int fd, off_t off, off_t len, unsigned int flags)
{
	return (int)TEMP_FAILURE_RETRY(sync_file_range(fd, off, len, flags));
}

int sys_fadvise(int fd, off_t off, off_t len, int advice)
{
	return posix_fadvise(fd, off, len, advice);
}

int sys_rename(const char *from, const char *to)
{
	return rename(from, to);
}

int sys_unlink(const char *path)
{
	return unlink(path);
}

int sys_thread_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
	return pthread_create(thread, NULL, run, arg);
}
