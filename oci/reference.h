/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REFERENCE_H
#define OCI_REFERENCE_H

#include "lib/text.h"

/*
 * The whole name of an image, as engines tell it, of the short one that people write:
 * "nginx" is docker.io/library/nginx:latest (distribution/reference, ParseDockerRef). A
 * tag beside a digest is dropped, since the digest decides. What is no reference comes
 * out as another text that is none.
 */
struct text reference_whole(struct arena *arena, struct text name);

/*
 * The pattern (fnmatch(3)) of whole names that one of short names stands for: "nginx" is
 * that image alone, "nginx:*" docker.io/library/nginx:*. What is like a whole name, or
 * may be since it begins with a star or a registry, stays as it is.
 */
struct text reference_pattern(struct arena *arena, struct text pattern);

#endif
