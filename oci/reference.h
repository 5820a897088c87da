/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REFERENCE_H
#define OCI_REFERENCE_H

#include "lib/text.h"

/*
 * The whole name of an image, as engines tell it, of the short one that people write:
 * "nginx" is docker.io/library/nginx:latest (distribution/reference, ParseDockerRef). A
 * tag beside a digest is dropped, since the digest decides. What can't be a reference
 * comes out as some text that is as little one.
 */
struct text reference_whole(struct arena *arena, struct text name);

#endif
