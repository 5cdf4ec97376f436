/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one seam between us and the system: every read, write, rename, allocation and thread of the
 * library goes through here, so that a test can fail each of them (link with --wrap=sys_pwrite and
 * friends). Behaviour is that of the call in the name, except that EINTR is retried.
 */
#ifndef UTIL_SYS_H
#define UTIL_SYS_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

struct statvfs;

void *sys_malloc(size_t size);
void *sys_calloc(size_t nr, size_t size);
void *sys_realloc(void *old, size_t size);
int sys_open(const char *path, int flags, mode_t mode);
ssize_t sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t sys_read(int fd, void *buf, size_t len);
ssize_t sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t sys_write(int fd, const void *buf, size_t len);
off_t sys_lseek(int fd, off_t off, int whence);
/** Read-only and private; NULL when it fails. Ends with munmap(). */
void *sys_mmap(int fd, size_t len, off_t off);
int sys_fsync(int fd);
int sys_fallocate(int fd, int mode, off_t off, off_t len);
/** FICLONERANGE: 0, or -1 and errno. */
int sys_clone_range(int to, off_t to_off, int from, off_t from_off, size_t len);
int sys_fstatvfs(int fd, struct statvfs *ret);
int sys_sync_file_range(int fd, off_t off, off_t len, unsigned int flags);
int sys_fadvise(int fd, off_t off, off_t len, int advice);
int sys_rename(const char *from, const char *to);
int sys_unlink(const char *path);
int sys_thread_create(pthread_t *thread, void *(*run)(void *), void *arg);

#endif
