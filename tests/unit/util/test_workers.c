// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_thread_create sys_calloc
#include "util/workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "util/sys.h"

#define NR_PIECES 5000

static int threads_left = -1;
static int callocs_left = -1;
static atomic_int nr_threads;

int __real_sys_thread_create(pthread_t *thread, void *(*run)(void *), void *arg);
int __wrap_sys_thread_create(pthread_t *thread, void *(*run)(void *), void *arg);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);

int __wrap_sys_thread_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
	if (!threads_left)
		return EAGAIN;
	threads_left--;
	atomic_fetch_add(&nr_threads, 1);
	return __real_sys_thread_create(thread, run, arg);
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	if (!callocs_left)
		return NULL;
	callocs_left--;
	return __real_sys_calloc(nr, size);
}

static int setup(void **state)
{
	(void)state;
	threads_left = -1;
	callocs_left = -1;
	atomic_store(&nr_threads, 0);
	return 0;
}

struct sum {
	atomic_uint next, runs;
	atomic_ullong sum;
};

static struct error *add_numbers(void *arg)
{
	struct sum *sum = arg;
	unsigned int n;

	atomic_fetch_add(&sum->runs, 1);
	while ((n = atomic_fetch_add(&sum->next, 1)) < 100000)
		atomic_fetch_add(&sum->sum, n);
	return NULL;
}

static void check_sum(unsigned int nr, unsigned int want_threads, unsigned int want_runs)
{
	struct sum sum = {0};

	atomic_store(&nr_threads, 0);
	assert_ok(workers_run(nr, add_numbers, &sum));
	assert_int_equal(atomic_load(&sum.sum), 100000ULL * 99999 / 2);
	assert_int_equal(atomic_load(&nr_threads), want_threads);
	assert_int_equal(atomic_load(&sum.runs), want_runs);
}

static void test_threads(void **state)
{
	(void)state;
	check_sum(1, 0, 1);
	check_sum(4, 3, 4);
	assert_in_range(workers_available(), 1, WORKERS_MAX);
	check_sum(0, workers_available() - 1, workers_available());
}

/* What the system refuses is done by those that are there. */
static void test_no_threads(void **state)
{
	(void)state;
	threads_left = 0;
	check_sum(4, 0, 1);
	threads_left = 2;
	check_sum(8, 2, 3);
}

static struct error *no_good(void *arg)
{
	(void)arg;
	return error_create(ERROR_FORMAT, "no good");
}

static void test_error(void **state)
{
	(void)state;
	assert_err(workers_run(4, no_good, NULL), ERROR_FORMAT, "no good");
	assert_err(workers_run(1, no_good, NULL), ERROR_FORMAT, "no good");
}

struct line {
	struct inorder *order;
	atomic_uint next;
	uint64_t delivered; /* no lock: deliver() runs alone */
	uint64_t fail_at;
	unsigned int abort_at;
	unsigned int kept; /* pieces put */
	atomic_uint puts;
};

static struct error *deliver(void *arg, const void *piece, size_t len)
{
	struct line *line = arg;
	uint64_t seq;

	assert_int_equal(len, sizeof(seq) + *(const uint64_t *)piece % 3);
	memcpy(&seq, piece, sizeof(seq));
	if (seq % 512 == 511)
		usleep(1000); // others run ahead
	if (seq == line->fail_at) {
		line->delivered++;
		return error_create(ERROR_NO_SPACE, "piece %llu", (unsigned long long)seq);
	}
	assert_true(seq >= line->delivered);
	line->delivered = seq + 1;
	return NULL;
}

static struct error *put_pieces(void *arg)
{
	struct line *line = arg;
	struct error *err = NULL;
	unsigned int n;

	while (!err && (n = atomic_fetch_add(&line->next, 1)) < NR_PIECES) {
		uint64_t piece[2] = {n, 0};

		if (n == line->abort_at) {
			inorder_abort(line->order);
			return NULL;
		}
		err = inorder_put(line->order, n, piece, sizeof(*piece) + n % 3);
		atomic_fetch_add(&line->puts, 1);
	}
	return err;
}

static void test_in_order(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 8; threads *= 2) {
		struct line line = {.fail_at = UINT64_MAX, .abort_at = UINT32_MAX};

		assert_ok(inorder_create(8, 16, deliver, &line, &line.order));
		assert_ok(workers_run(threads, put_pieces, &line));
		assert_int_equal(line.delivered, NR_PIECES);
		assert_ok(inorder_drain(line.order));
		// and again from 0
		line.delivered = 0;
		atomic_store(&line.next, 0);
		assert_ok(workers_run(threads, put_pieces, &line));
		assert_int_equal(line.delivered, NR_PIECES);
		inorder_destroy(line.order);
	}
}

/* A piece that never comes leaves nobody waiting; what came later is delivered by drain(). */
static void test_abort(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 8; threads *= 2) {
		struct line line = {.fail_at = UINT64_MAX, .abort_at = 100};

		assert_ok(inorder_create(8, 16, deliver, &line, &line.order));
		assert_ok(workers_run(threads, put_pieces, &line));
		assert_true(line.delivered <= 100);
		line.delivered = 0;
		assert_ok(inorder_drain(line.order));
		assert_true(line.delivered <= 108);
		inorder_destroy(line.order);
	}
}

static void test_abort_keeps_later_pieces(void **state)
{
	struct line line = {.fail_at = UINT64_MAX, .abort_at = UINT32_MAX};
	uint64_t piece[2] = {3, 0};

	(void)state;
	assert_ok(inorder_create(8, 16, deliver, &line, &line.order));
	assert_ok(inorder_put(line.order, 3, piece, 8));
	inorder_abort(line.order);
	piece[0] = 5;
	assert_ok(inorder_put(line.order, 5, piece, 10));
	piece[0] = 9; // out of the window: dropped, not waited for
	assert_ok(inorder_put(line.order, 9, piece, 8));
	assert_int_equal(line.delivered, 0);
	assert_ok(inorder_drain(line.order));
	assert_int_equal(line.delivered, 6);
	inorder_destroy(line.order);
}

static void test_deliver_fails(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 8; threads *= 2) {
		struct line line = {.fail_at = 300, .abort_at = UINT32_MAX};

		assert_ok(inorder_create(8, 16, deliver, &line, &line.order));
		assert_err(workers_run(threads, put_pieces, &line), ERROR_NO_SPACE, "piece 300");
		assert_int_equal(line.delivered, 301);
		line.fail_at = UINT64_MAX;
		assert_ok(inorder_drain(line.order));
		inorder_destroy(line.order);
	}
}

static void test_no_memory(void **state)
{
	struct inorder *order = NULL;

	(void)state;
	for (int n = 0; n < 3; n++) {
		callocs_left = n;
		assert_ptr_equal(inorder_create(8, 16, deliver, NULL, &order), &error_nomem);
	}
	assert_null(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_threads, setup),
		cmocka_unit_test_setup(test_no_threads, setup),
		cmocka_unit_test_setup(test_error, setup),
		cmocka_unit_test_setup(test_in_order, setup),
		cmocka_unit_test_setup(test_abort, setup),
		cmocka_unit_test_setup(test_abort_keeps_later_pieces, setup),
		cmocka_unit_test_setup(test_deliver_fails, setup),
		cmocka_unit_test_setup(test_no_memory, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
