// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/sys.h"

static void memory(void **state)
{
	char *p = sys_calloc(3, 5);

	assert_non_null(p);
	for (int i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	p[14] = 'x';
	p = sys_realloc(p, 100);
	assert_non_null(p);
	assert_int_equal(p[14], 'x');
	free(p);
	p = sys_malloc(1);
	assert_non_null(p);
	free(p);
}

static void files(void **state)
{
	char dir[] = "/tmp/vmcore-test-XXXXXX", a[64], b[64], buf[8] = "";
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(a, sizeof(a), "%s/a", dir);
	snprintf(b, sizeof(b), "%s/b", dir);
	fd = sys_open(a, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(sys_write(fd, "abcd", 4), 4);
	assert_int_equal(sys_pwrite(fd, "X", 1, 1), 1);
	assert_int_equal(sys_pread(fd, buf, sizeof(buf), 1), 3);
	assert_memory_equal(buf, "Xcd", 3);
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	assert_int_equal(sys_read(fd, buf, sizeof(buf)), 1);
	assert_int_equal(buf[0], 'd');
	assert_int_equal(sys_fsync(fd), 0);
	close(fd);
	assert_int_equal(sys_rename(a, b), 0);
	assert_int_equal(sys_open(a, O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sys_unlink(b), 0);
	assert_int_equal(sys_unlink(b), -1);
	assert_int_equal(rmdir(dir), 0);
}

static void mapping_and_reserving(void **state)
{
	int fd = memfd_create("map", 0);
	const char *p;

	assert_int_equal(sys_fallocate(fd, 0, 0, 8192), 0);
	assert_int_equal(sys_pwrite(fd, "second", 6, 4096), 6);
	p = sys_mmap(fd, 4096, 4096);
	assert_non_null(p);
	assert_memory_equal(p, "second", 6);
	munmap((void *)(uintptr_t)p, 4096);
	assert_null(sys_mmap(fd, 4096, 1)); // not a page boundary
	close(fd);
	assert_null(sys_mmap(-1, 4096, 0));
}

static void *add_one(void *arg)
{
	++*(int *)arg;
	return arg;
}

static void threads(void **state)
{
	pthread_t thread;
	void *ret = NULL;
	int n = 41;

	assert_int_equal(sys_thread_create(&thread, add_one, &n), 0);
	assert_int_equal(pthread_join(thread, &ret), 0);
	assert_ptr_equal(ret, &n);
	assert_int_equal(n, 42);
}

static void nothing(int sig)
{
}

struct pipe {
	pthread_t reader;
	int fds[2];
};

/* Interrupts the reader in its read(), then lets it have a byte. */
static void *disturb(void *arg)
{
	struct pipe *p = arg;

	usleep(50000);
	pthread_kill(p->reader, SIGUSR1);
	usleep(50000);
	return write(p->fds[1], "x", 1) == 1 ? p : NULL;
}

static void an_interrupted_call_goes_on(void **state)
{
	const struct sigaction action = {.sa_handler = nothing}; // without SA_RESTART
	struct pipe p = {.reader = pthread_self()};
	pthread_t thread;
	char c = 0;

	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pipe(p.fds), 0);
	assert_int_equal(sys_thread_create(&thread, disturb, &p), 0);
	assert_int_equal(sys_read(p.fds[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	pthread_join(thread, NULL);
	close(p.fds[0]);
	close(p.fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory),
		cmocka_unit_test(files),
		cmocka_unit_test(mapping_and_reserving),
		cmocka_unit_test(threads),
		cmocka_unit_test(an_interrupted_call_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
