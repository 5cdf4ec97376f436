// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void mkfile_resize(struct mkfile *file, size_t len)
{
	uint8_t *data = realloc(file->data, len + 1);

	if (!data)
		abort();
	if (len > file->len)
		memset(data + file->len, 0, len - file->len);
	file->data = data;
	file->len = len;
}

void mkfile_put(struct mkfile *file, size_t off, const void *data, size_t len)
{
	if (off + len > file->len)
		mkfile_resize(file, off + len);
	if (len)
		memcpy(file->data + off, data, len);
}

const char *mkfile_path(struct mkfile *file)
{
	int fd = file->fd ? file->fd - 1 : memfd_create("dump", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 0) ||
	    pwrite(fd, file->data, file->len, 0) != (ssize_t)file->len)
		abort();
	file->fd = fd + 1;
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", fd);
	return file->path;
}

void mkfile_deinit(struct mkfile *file)
{
	if (file->fd)
		close(file->fd - 1);
	free(file->data);
}

void mkfile_memory(uint8_t *buf, uint64_t paddr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = mkfile_byte(paddr + i);
}
