/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "gate/gate.h"

/*
 * What a workload asks for, read from where it is written down: a bundle or its
 * config.json, an OCI image layout or archive, a Kubernetes manifest. Only looked at: a
 * source is anybody's, so each is bounded in size, depth and number, and nothing of it is
 * executed, unpacked or followed out of its folder.
 *
 * One container is one candidate. Its subject holds what this node's engine would tell of
 * it and no more, so that an ACL decides on the candidate as it would on the container.
 */
enum filter {
	FILTER_CONFIG,	/* the one of `config` */
	FILTER_DEFAULT, /* the engine's own */
	FILTER_NONE,
	FILTER_UNKNOWN, /* a file of some node */
};

/* What the engine would give by itself. */
struct settings {
	const char *from; /* "its config.json" */
	enum filter filter;
	struct capset caps; /* unless FILTER_CONFIG, which has all three */
	bool new_privileges;
};

struct candidate {
	const char *where; /* for people: path, and container if there are several */
	struct request request;
	struct text config; /* config.json, byte for byte; empty where there is none */
	bool author;	    /* the request is what the image's author wishes for */
	const char *asked;  /* by what: "annotation", "label of the image" */
	const char *note;   /* what may be a mistake where it is written down, or NULL */
	struct settings settings;
};

struct candidates {
	struct candidate *items;
	size_t count, capacity;
};

/* At most so many containers of one source. */
#define SOURCE_CANDIDATES 1024

/*
 * "-" is standard input. ERR_NOINPUT: there is nothing. ERR_DATA: malformed, too large,
 * or a document of none of these kinds; the message begins with the path.
 */
NODISCARD bool source_read(struct arena *arena, const struct gate *gate, const char *path,
			   struct candidates *ret, struct error *err);

/* Whether a document is meant to be a config.json, and what one grants, exactly. */
bool config_looks(const struct json *root);
NODISCARD bool config_settings(struct arena *arena, struct text config,
			       struct policy *ret, struct error *err);

/*
 * The settings as a policy. The engine's own filter is the one that this node's profile
 * `default` grants, one that is not known grants nothing. ERR_CONFIG, ERR_DATA: there is
 * no telling.
 */
NODISCARD bool candidate_settings(struct arena *arena, const struct gate *gate,
				  const struct candidate *candidate, struct policy *ret,
				  struct error *err);

#endif
