/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base.h"

#include <unistd.h>

void close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
