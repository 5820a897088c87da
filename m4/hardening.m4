dnl SPDX-License-Identifier: Apache-2.0

dnl TRY_FLAGS(FLAGS, THEN): whether a program compiles and links with them unwarned. They
dnl go into CPPFLAGS because that stands last on autoconf's command lines. The C library is
dnl silent about a _FORTIFY_SOURCE that has no effect without optimisation.
AC_DEFUN([TRY_FLAGS], [
AC_MSG_CHECKING([whether $CC takes $1])
saved_CPPFLAGS=$CPPFLAGS
CPPFLAGS="$CPPFLAGS -Werror $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([
	@%:@include <string.h>
	@%:@if defined _FORTIFY_SOURCE && !defined __OPTIMIZE__
	@%:@error
	@%:@endif])],
	[AC_MSG_RESULT([yes]); CPPFLAGS=$saved_CPPFLAGS; $2],
	[AC_MSG_RESULT([no]); CPPFLAGS=$saved_CPPFLAGS])
])

dnl TAKE_FLAGS(VARIABLE, FLAGS): those of the flags that are taken, each tried alone.
AC_DEFUN([TAKE_FLAGS], [
$1=
for flag in $2; do
	TRY_FLAGS([$flag], [$1="$$1 $flag"])
done
AC_SUBST([$1])
])

dnl What powerbox switches on by itself. In the Makefile it stands in front of CFLAGS and
dnl LDFLAGS, so that a developer can take a flag back, and behind CPPFLAGS, where
dnl distributions put their own level of _FORTIFY_SOURCE.
AC_DEFUN([POWERBOX_HARDENING], [
TAKE_FLAGS([WARN_CFLAGS], [-Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wundef -Wwrite-strings -Wcast-qual \
	-Wimplicit-fallthrough -Wduplicated-cond -Wlogical-op])
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
TAKE_FLAGS([HARDENING_CFLAGS], [-fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -mbranch-protection=standard -ftrivial-auto-var-init=zero \
	-fno-strict-overflow -fno-delete-null-pointer-checks -fPIE])
TAKE_FLAGS([HARDENING_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed])
TAKE_FLAGS([PIE_LDFLAGS], [-pie])

FUZZ_LIBS=
INSTRUMENTATION=
AS_IF([test "$enable_fuzzers" = yes], [
	FUZZ_LIBS=-fsanitize=fuzzer
	INSTRUMENTATION="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
], [test "$enable_sanitizers" = yes], [
	INSTRUMENTATION="-fsanitize=address,undefined -fno-sanitize-recover=all"
])
AS_IF([test "$enable_coverage" = yes], [INSTRUMENTATION="$INSTRUMENTATION --coverage"])

FORTIFY=
AS_IF([test -n "$INSTRUMENTATION"], [
	found=no
	TRY_FLAGS([$INSTRUMENTATION], [found=yes])
	AS_IF([test $found = no], [AC_MSG_ERROR([this compiler can't instrument: $INSTRUMENTATION])])
], [
	dnl 3 needs gcc 12 or clang 9.
	for level in 2 3; do
		TRY_FLAGS([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level],
			[FORTIFY="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"])
	done
])
AC_SUBST([FORTIFY])
AC_SUBST([FUZZ_LIBS])
AC_SUBST([INSTRUMENTATION])
AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
])
