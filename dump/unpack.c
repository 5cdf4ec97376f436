// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/unpack.h"

#include <string.h>

#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define IN_BYTES  (256U << 10)
#define OUT_BYTES (1U << 20)
#define ULL(x)    ((unsigned long long)(x))

struct unpack {
	const struct file *file;
	const struct unpack_method *method;
	void *state;
	uint8_t *in; /* read, but not unpacked yet; only with a method */
	size_t in_pos, in_len;
	uint64_t next; /* offset in the file behind in, or out */
	uint8_t *out;  /* unpacked, but not given out yet */
	size_t out_pos, out_len;
	uint64_t pos; /* of out_pos in the stream */
};

struct error *unpack_create(const struct file *file, uint64_t off,
			    const struct unpack_method *method, struct unpack **ret)
{
	_cleanup_unpack_ struct unpack *unpack = sys_calloc(1, sizeof(*unpack));
	struct error *err;

	if (!unpack)
		return &error_nomem;
	unpack->file = file;
	unpack->next = off;
	unpack->pos = off;
	unpack->out = sys_malloc(OUT_BYTES);
	if (!unpack->out)
		return &error_nomem;
	if (method && !method->create)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: is compressed with %s, which this build "
				    "has not",
				    file->path, method->name);
	if (method) {
		unpack->in = sys_malloc(IN_BYTES);
		if (!unpack->in)
			return &error_nomem;
		if ((err = method->create(&unpack->state)))
			return err;
		unpack->method = method;
	}
	*ret = TAKE_PTR(unpack);
	return NULL;
}

void unpack_destroy(struct unpack *unpack)
{
	if (unpack->method)
		unpack->method->destroy(unpack->state);
	free(unpack->in);
	free(unpack->out);
	free(unpack);
}

static struct error *read_file(struct unpack *unpack, uint8_t *buf, size_t len, size_t *got)
{
	struct error *err = file_read(unpack->file, unpack->next, buf, len, got);

	if (!err)
		unpack->next += *got;
	return err;
}

/* Makes more of out; *more becomes false at the end. */
static struct error *unpack_more(struct unpack *unpack, bool *more)
{
	uint8_t *out = unpack->out + unpack->out_len;
	size_t made = OUT_BYTES - unpack->out_len, used;
	struct error *err = NULL;

	if (unpack->method && unpack->in_pos == unpack->in_len) {
		unpack->in_pos = 0;
		err = read_file(unpack, unpack->in, IN_BYTES, &unpack->in_len);
	} else if (!unpack->method) {
		err = read_file(unpack, out, made, &made);
	}
	if (err)
		return err;
	used = unpack->in_len - unpack->in_pos;
	*more = used != 0;
	if (unpack->method &&
	    !unpack->method->run(unpack->state, unpack->in + unpack->in_pos, &used, out, &made))
		return error_create(ERROR_FORMAT,
				    "%s: the %s stream is damaged before offset %#llx",
				    unpack->file->path, unpack->method->name, ULL(unpack->next));
	unpack->in_pos += used;
	unpack->out_len += made;
	*more |= made != 0;
	return NULL;
}

/* Bytes in out, up to len if there are so many. */
static struct error *fill(struct unpack *unpack, size_t len)
{
	struct error *err = NULL;
	bool more = true;

	if (unpack->out_len - unpack->out_pos >= len)
		return NULL;
	memmove(unpack->out, unpack->out + unpack->out_pos, unpack->out_len - unpack->out_pos);
	unpack->out_len -= unpack->out_pos;
	unpack->out_pos = 0;
	while (!err && more && unpack->out_len < len)
		err = unpack_more(unpack, &more);
	return err;
}

struct error *unpack_peek(struct unpack *unpack, size_t *len, const uint8_t **ret)
{
	struct error *err = fill(unpack, min_u64(*len, UNPACK_PEEK));

	*len = min_u64(*len, unpack->out_len - unpack->out_pos);
	*ret = unpack->out + unpack->out_pos;
	return err;
}

struct error *unpack_read(struct unpack *unpack, void *buf, size_t len)
{
	uint8_t *to = buf;
	size_t n;

	for (size_t done = 0; done < len; done += n) {
		struct error *err = fill(unpack, 1);

		if (err)
			return err;
		n = min_u64(len - done, unpack->out_len - unpack->out_pos);
		if (!n)
			return error_create(ERROR_FORMAT,
					    "%s: the stream ends at offset %#llx of it, before its "
					    "end",
					    unpack->file->path, ULL(unpack->pos));
		if (to)
			memcpy(to + done, unpack->out + unpack->out_pos, n);
		unpack->out_pos += n;
		unpack->pos += n;
	}
	return NULL;
}

uint64_t unpack_pos(const struct unpack *unpack)
{
	return unpack->pos;
}

void unpack_seek(struct unpack *unpack, uint64_t off)
{
	unpack->out_pos = unpack->out_len = 0;
	unpack->next = unpack->pos = off;
}
