// SPDX-License-Identifier: BSD-2-Clause
/* What check.cmake must refuse: a header that no kernel has. */
#include <string.h>

int zb_nothing;
