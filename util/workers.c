// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "util/checked.h"
#include "util/sys.h"

unsigned int workers_available(void)
{
	cpu_set_t set;
	int nr;

	// more CPUs than a cpu_set_t has bits is an error, and more than we make use of
	if (sched_getaffinity(0, sizeof(set), &set))
		return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? WORKERS_MAX : 1;
	nr = CPU_COUNT(&set);
	return nr < 1 ? 1 : (unsigned int)min_u64((uint64_t)nr, WORKERS_MAX);
}

struct crew {
	struct error *(*run)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	struct error *err; /* the first */
};

static void *work(void *arg)
{
	struct crew *crew = arg;
	struct error *err = crew->run(crew->arg);

	if (!err)
		return NULL;
	pthread_mutex_lock(&crew->lock);
	if (crew->err)
		error_destroy(err);
	else
		crew->err = err;
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

struct error *workers_run(unsigned int nr, struct error *(*run)(void *arg), void *arg)
{
	struct crew crew = {.run = run, .arg = arg, .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[WORKERS_MAX];
	unsigned int started = 0;

	if (!nr)
		nr = workers_available();
	while (started + 1 < nr && started < WORKERS_MAX &&
	       !sys_thread_create(&threads[started], work, &crew))
		started++;
	work(&crew);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_mutex_destroy(&crew.lock);
	return crew.err;
}

struct slot {
	bool held;
	size_t len;
};

struct inorder {
	struct error *(*deliver)(void *arg, const void *piece, size_t len);
	void *arg;
	size_t window, max_len;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* next, or aborted */
	uint64_t next;        /* number that is due */
	bool delivering;      /* somebody is in deliver() */
	bool aborted;
	struct slot *slots; /* window of them, piece seq in slot seq % window */
	uint8_t *pieces;
};

struct error *inorder_create(size_t window, size_t max_len,
			     struct error *(*deliver)(void *arg, const void *piece, size_t len),
			     void *arg, struct inorder **ret)
{
	_cleanup_(cleanup_inorder_destroy) struct inorder *order = sys_calloc(1, sizeof(*order));

	if (!order)
		return &error_nomem;
	*order = (struct inorder){
		.deliver = deliver,
		.arg = arg,
		.window = window,
		.max_len = max_len,
		.slots = sys_calloc(window, sizeof(struct slot)),
		.pieces = sys_calloc(window, max_len),
	};
	pthread_mutex_init(&order->lock, NULL);
	pthread_cond_init(&order->moved, NULL);
	if (!order->slots || !order->pieces)
		return &error_nomem;
	*ret = TAKE_PTR(order);
	return NULL;
}

void inorder_destroy(struct inorder *order)
{
	pthread_cond_destroy(&order->moved);
	pthread_mutex_destroy(&order->lock);
	free(order->slots);
	free(order->pieces);
	free(order);
}

/* Delivers the piece in its slot, which nobody else can take before next moves on. */
static struct error *deliver_one(struct inorder *order, uint64_t seq)
{
	size_t i = seq % order->window;

	return order->deliver(order->arg, order->pieces + i * order->max_len, order->slots[i].len);
}

/* Called with the lock held, which is given up during each delivery. */
static struct error *deliver_due(struct inorder *order)
{
	struct error *err = NULL;

	order->delivering = true;
	while (!order->aborted && order->slots[order->next % order->window].held) {
		pthread_mutex_unlock(&order->lock);
		err = deliver_one(order, order->next);
		pthread_mutex_lock(&order->lock);
		order->slots[order->next % order->window].held = false;
		order->next++;
		if (err)
			order->aborted = true;
		pthread_cond_broadcast(&order->moved);
	}
	order->delivering = false;
	return err;
}

struct error *inorder_put(struct inorder *order, uint64_t seq, const void *piece, size_t len)
{
	size_t i = seq % order->window;
	struct error *err = NULL;

	pthread_mutex_lock(&order->lock);
	while (seq - order->next >= order->window && !order->aborted)
		pthread_cond_wait(&order->moved, &order->lock);
	if (seq - order->next < order->window) {
		memcpy(order->pieces + i * order->max_len, piece, len);
		order->slots[i] = (struct slot){.held = true, .len = len};
		if (!order->delivering)
			err = deliver_due(order);
	}
	pthread_mutex_unlock(&order->lock);
	return err;
}

void inorder_abort(struct inorder *order)
{
	pthread_mutex_lock(&order->lock);
	order->aborted = true;
	pthread_cond_broadcast(&order->moved);
	pthread_mutex_unlock(&order->lock);
}

struct error *inorder_drain(struct inorder *order)
{
	struct error *first = NULL;

	for (uint64_t seq = order->next; seq < order->next + order->window; seq++) {
		struct slot *slot = &order->slots[seq % order->window];
		struct error *err = slot->held ? deliver_one(order, seq) : NULL;

		slot->held = false;
		if (first)
			error_destroy(err);
		else
			first = err;
	}
	order->next = 0;
	order->aborted = false;
	return first;
}
