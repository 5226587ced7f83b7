/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Given to each file of the engine by the compiler's -include: every step that
 * it records also passes the trace point zbuf:step.
 */
#ifndef ZBL_STEP_H
#define ZBL_STEP_H

#include "trace.h"

#define ZB_STEP(d, kind, which, a, b, c, e)				\
	trace_step((d)->number, (int)(kind), which, a, b, c, e)

#endif /* ZBL_STEP_H */
