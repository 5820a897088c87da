/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAME_TRIES 64

/* One file_replace(). `spare` is a second name: first of the new file, then the old. */
struct replacement {
	struct arena *arena;
	int dir;
	const char *name;
	const struct file *old;
	struct text text;
	char *spare;
	struct stat new;
	bool exchanged;
	bool durable; /* on the disk, before the step and behind it */
};

/* A new file with a random name beside the old one, readable by nobody else yet. */
static bool create_spare(struct replacement *r, int *ret, struct error *err)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[8];
	char suffix[sizeof(random) + 1] = "";
	int fd = -1;

	for (int i = 0; i < NAME_TRIES; i++) {
		/* So few bytes never come in part, nor interrupted once there are any. */
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return error_errno(err, "random name beside %s", r->name);
		for (size_t k = 0; k < sizeof(random); k++)
			suffix[k] = digits[random[k] % (sizeof(digits) - 1)];
		r->spare = arena_printf(r->arena, ".%s.%s", r->name, suffix);
		fd = openat(r->dir, r->spare, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
		if (fd >= 0 || (errno != EEXIST && errno != EINTR))
			break;
	}
	if (fd < 0)
		return error_errno(err, "create a file beside %s", r->name);
	*ret = fd;
	return true;
}

static bool attribute_absent(void)
{
	return errno == ENODATA || errno == ENOTSUP || errno == ENOSYS;
}

/* The security label: files of one folder may have different ones. */
static bool copy_label(struct replacement *r, int from, int to, struct error *err)
{
	static const char name[] = "security.selinux";
	ssize_t size = fgetxattr(from, name, NULL, 0);
	char *label, *has;

	if (size < 0)
		return attribute_absent() || error_errno(err, "label of %s", r->name);
	label = arena_new(r->arena, char, (size_t)size + 1);
	has = arena_new(r->arena, char, (size_t)size + 1);
	if (fgetxattr(from, name, label, (size_t)size) != size)
		return error_errno(err, "label of %s", r->name);
	/* Setting a label needs a right of its own, even to what it is. */
	if (fgetxattr(to, name, has, (size_t)size) == size &&
	    !memcmp(label, has, (size_t)size))
		return true;
	if (fsetxattr(to, name, label, (size_t)size, 0) < 0)
		return error_errno(err, "set the label of %s", r->name);
	return true;
}

/* The POSIX ACL: or none, where the folder's default ACL has given the new file one. */
static bool copy_acl(struct replacement *r, int from, int to, struct error *err)
{
	static const char name[] = "system.posix_acl_access";
	ssize_t size = fgetxattr(from, name, NULL, 0);
	char *acl;

	if (size < 0 && !attribute_absent())
		return error_errno(err, "POSIX ACL of %s", r->name);
	if (size < 0 && fremovexattr(to, name) < 0 && !attribute_absent())
		return error_errno(err, "remove the default ACL of %s", r->name);
	if (size < 0)
		return true;
	acl = arena_new(r->arena, char, (size_t)size + 1);
	if (fgetxattr(from, name, acl, (size_t)size) != size)
		return error_errno(err, "POSIX ACL of %s", r->name);
	if (fsetxattr(to, name, acl, (size_t)size, 0) < 0)
		return error_errno(err, "set the POSIX ACL of %s", r->name);
	return true;
}

/* Owner, label and mode of the old file. The mode last: chown takes bits out of it. */
static bool copy_metadata(struct replacement *r, int to, struct error *err)
{
	const struct stat *old = &r->old->stat;
	CLOSE int from = file_open(r->dir, r->name, FILE_OPEN);

	if (from < 0)
		return error_errno(err, "open %s", r->name);
	if (fstat(to, &r->new) < 0)
		return error_errno(err, "stat the new %s", r->name);
	if ((r->new.st_uid != old->st_uid || r->new.st_gid != old->st_gid) &&
	    fchown(to, old->st_uid, old->st_gid) < 0)
		return error_errno(err, "set the owner of %s", r->name);
	if (!copy_label(r, from, to, err) || !copy_acl(r, from, to, err))
		return false;
	if (fchmod(to, old->st_mode & 07777) < 0)
		return error_errno(err, "set the mode of %s", r->name);
	return true;
}

static bool set_metadata(struct replacement *r, int to, struct error *err)
{
	if (r->old)
		return copy_metadata(r, to, err);
	return !fchmod(to, 0644) || error_errno(err, "set the mode of %s", r->name);
}

static bool write_text(struct replacement *r, int fd, struct error *err)
{
	struct rlimit limit;

	/* Beyond it the kernel does not only fail but sends SIGXFSZ, which kills. */
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		return error_errno(err, "file size limit");
	if (r->text.length > limit.rlim_cur) {
		errno = EFBIG;
		return error_errno(err, "write the new %s", r->name);
	}
	return file_write_fd(fd, r->text, err) || error_in(err, "the new %s", r->name);
}

/* The new file, complete, under its spare name. It is gone again if this fails. */
static bool write_spare(struct replacement *r, struct error *err)
{
	bool passed;
	int fd = -1;

	if (!create_spare(r, &fd, err))
		return false;
	passed = write_text(r, fd, err) && set_metadata(r, fd, err);
	if (passed && r->durable && fsync(fd) < 0)
		passed = error_errno(err, "write the new %s to the disk", r->name);
	/* Some file systems write when they close. */
	if (close(fd) < 0 && errno != EINTR && passed)
		passed = error_errno(err, "close the new %s", r->name);
	if (!passed)
		unlinkat(r->dir, r->spare, 0);
	return passed;
}

/* Whether the file called `name` is the one that was read, or has the new text. */
static bool check_ours(struct replacement *r, const char *name, struct error *err)
{
	struct stat now;
	struct file file = { 0 };

	if (fstatat(r->dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, "stat the old %s", r->name);
	if (file_unchanged(&r->old->stat, &now))
		return true;
	if (file_read(r->arena, r->dir, name, r->text.length, &file, err) &&
	    text_eq(file.text, r->text))
		return true;
	return error_set(err, ERR_IO, "%s was replaced by somebody else meanwhile",
			 r->name);
}

/*
 * The step. An exchange is as atomic as a rename, and ext4 does not write the new file
 * to the disk at once for it, as it does for a rename over a file; and it leaves the
 * old file at hand.
 */
static bool exchange(struct replacement *r, struct error *err)
{
	if (!renameat2(r->dir, r->spare, r->dir, r->name, RENAME_EXCHANGE)) {
		r->exchanged = true;
		return true;
	}
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return error_errno(err, "replace %s", r->name);
	if (!check_ours(r, r->name, err))
		return false;
	if (renameat(r->dir, r->spare, r->dir, r->name) < 0)
		return error_errno(err, "replace %s", r->name);
	return true;
}

/* What stands under the name now, looked up anew, is what was to be there. */
static bool check_written(struct replacement *r, struct error *err)
{
	const struct stat *old = &r->old->stat;
	struct file now = { 0 };

	if (!file_read(r->arena, r->dir, r->name, r->text.length, &now, err)) {
		err->code = ERR_IO;
		return error_in(err, "read back");
	}
	if (!text_eq(now.text, r->text) || now.stat.st_uid != old->st_uid ||
	    now.stat.st_gid != old->st_gid || now.stat.st_mode != old->st_mode)
		return error_set(err, ERR_IO, "%s does not read back as written",
				 r->name);
	r->new = now.stat;
	return true;
}

/*
 * Undo the step: the old file itself, or a copy of it where a rename has removed it. If
 * the name is another's by now, who may have gone on to use it, it stays so.
 */
static bool put_back(struct replacement *r, struct error *err)
{
	struct replacement back = *r;
	struct error why = { 0 };
	struct stat now;

	if (!fstatat(r->dir, r->name, &now, AT_SYMLINK_NOFOLLOW) &&
	    (now.st_dev != r->new.st_dev || now.st_ino != r->new.st_ino)) {
		unlinkat(r->dir, r->spare, 0);
		return false;
	}
	if (r->exchanged &&
	    !renameat2(r->dir, r->spare, r->dir, r->name, RENAME_EXCHANGE)) {
		unlinkat(r->dir, r->spare, 0);
		return false;
	}
	back.text = r->old->text;
	if (write_spare(&back, &why)) {
		if (!renameat(r->dir, back.spare, r->dir, r->name))
			return false;
		(void)error_errno(&why, "rename %s", back.spare);
	}
	return error_in(err, "%s is the new one, and the old one can't be put back (%s)",
			r->name, why.msg);
}

static bool replace(struct replacement *r, struct error *err)
{
	if (!write_spare(r, err))
		return false;
	if (!exchange(r, err)) {
		unlinkat(r->dir, r->spare, 0);
		return false;
	}
	if (!check_written(r, err))
		return put_back(r, err);
	if (!r->exchanged)
		return true;
	/*
	 * A folder in which a file can't be removed is broken: better the state that is
	 * known than a second file that holds what was taken out of this one.
	 */
	if (!check_ours(r, r->spare, err))
		return put_back(r, err);
	if (unlinkat(r->dir, r->spare, 0) < 0) {
		(void)error_errno(err, "remove the old %s", r->name);
		return put_back(r, err);
	}
	return true;
}

bool file_replace(struct arena *arena, int dir, const char *name, const struct file *old,
		  struct text text, struct stat *ret, struct error *err)
{
	struct replacement r = {
		.arena = arena, .dir = dir, .name = name, .old = old, .text = text
	};

	assert(!strchr(name, '/'));
	if (!replace(&r, err))
		return false;
	*ret = r.new;
	return true;
}

/* In no file's place: one that appears meanwhile is somebody else's. */
static bool create(struct replacement *r, struct error *err)
{
	if (!write_spare(r, err))
		return false;
	if (!linkat(r->dir, r->spare, r->dir, r->name, 0)) {
		unlinkat(r->dir, r->spare, 0);
		return true;
	}
	(void)error_errno(err, "create %s", r->name);
	unlinkat(r->dir, r->spare, 0);
	return false;
}

bool file_keep(struct arena *arena, int dir, const char *name, const struct file *old,
	       struct text text, struct error *err)
{
	struct replacement r = { .arena = arena,
				 .dir = dir,
				 .name = name,
				 .old = old,
				 .text = text,
				 .durable = true };
	CLOSE int folder = file_open(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert(!strchr(name, '/'));
	if (folder < 0)
		return error_errno(err, "open the folder of %s", name);
	if (!(old ? replace(&r, err) : create(&r, err)))
		return false;
	return !fsync(folder) ||
	       error_errno(
		       err,
		       "%s is written, and counts, but may be gone after a power cut: "
		       "sync its folder",
		       name);
}
