/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/request.h"

#include <string.h>

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool profile_name_valid(struct text name)
{
	if (!name.length || name.length > PROFILE_NAME_MAX)
		return false;
	if (!is_name_byte(name.bytes[0]) || !is_name_byte(name.bytes[name.length - 1]))
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (!is_name_byte(name.bytes[i]) && name.bytes[i] != '-')
			return false;
	return true;
}

/* Keep the names sorted and distinct, so that their order in the request is gone. */
static bool names_insert(struct request *request, struct text name, struct error *err)
{
	size_t at = 0;

	while (at < request->count && text_compare(request->profiles[at], name) < 0)
		at++;
	if (at < request->count && text_eq(request->profiles[at], name))
		return true;
	if (request->count == REQUEST_PROFILES)
		return error_set(err, ERR_DATA, "asks for more than %d profiles",
				 REQUEST_PROFILES);
	memmove(&request->profiles[at + 1], &request->profiles[at],
		(request->count - at) * sizeof(name));
	request->profiles[at] = name;
	request->count++;
	return true;
}

bool request_names(struct arena *arena, struct text value, struct request *request,
		   struct error *err)
{
	bool wanted = false; /* a comma was read that a name has to follow */
	size_t i = 0;

	for (;;) {
		struct text name;

		while (i < value.length && value.bytes[i] == ' ')
			i++;
		name.bytes = value.bytes + i;
		while (i < value.length && value.bytes[i] != ',' && value.bytes[i] != ' ')
			i++;
		name.length = (size_t)(value.bytes + i - name.bytes);
		while (i < value.length && value.bytes[i] == ' ')
			i++;
		if (!name.length && i == value.length && !wanted)
			return true;
		if (!profile_name_valid(name))
			return error_set(
				err, ERR_DATA,
				"%s is no profile name; names are letters a-z, digits "
				"and inner hyphens, separated by commas or spaces",
				text_quote(arena, name));
		if (!names_insert(request, name, err))
			return false;
		wanted = i < value.length && value.bytes[i] == ',';
		i += wanted;
	}
}
