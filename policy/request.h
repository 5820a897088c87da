/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_REQUEST_H
#define POLICY_REQUEST_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * Who asks, and for what. The subject is evidence: facts that the engine named in
 * node.json set, empty where no such key was there. The profiles are claims: anybody may
 * have written them, even an image's author.
 */
#define REQUEST_PROFILES 32
#define PROFILE_NAME_MAX 63

struct subject {
	struct text namespace;
	struct text container;
	struct text image;
};

struct request {
	struct subject subject;
	bool sandbox;	    /* the pod's pause container: asks for nothing */
	struct text source; /* the annotation that was read; empty: none */
	struct text profiles[REQUEST_PROFILES]; /* distinct, sorted */
	size_t count;
};

/* [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most PROFILE_NAME_MAX bytes. */
bool profile_name_valid(struct text name);

/*
 * The names of an annotation's value, separated by commas or spaces. Blank asks for
 * nothing. ERR_DATA: a name that can't be one, an empty place between two commas, more
 * than REQUEST_PROFILES names.
 */
NODISCARD bool request_names(struct arena *arena, struct text value,
			     struct request *request, struct error *err);

#endif
