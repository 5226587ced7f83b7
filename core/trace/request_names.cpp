// SPDX-License-Identifier: BSD-2-Clause
// The ioctl requests of bpf(4), by name (spec 1.1).
#include "core/trace/event.h"

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf {

namespace {

struct Name {
  std::uint32_t number;
  const char* text;
};

constexpr Name names[] = {
    {ZB_BIOCGBLEN, "BIOCGBLEN"},
    {ZB_BIOCSBLEN, "BIOCSBLEN"},
    {ZB_BIOCSETF, "BIOCSETF"},
    {ZB_BIOCFLUSH, "BIOCFLUSH"},
    {ZB_BIOCPROMISC, "BIOCPROMISC"},
    {ZB_BIOCGDLT, "BIOCGDLT"},
    {ZB_BIOCGETIF, "BIOCGETIF"},
    {ZB_BIOCSETIF, "BIOCSETIF"},
    {ZB_BIOCSRTIMEOUT, "BIOCSRTIMEOUT"},
    {ZB_BIOCGRTIMEOUT, "BIOCGRTIMEOUT"},
    {ZB_BIOCGSTATS, "BIOCGSTATS"},
    {ZB_BIOCIMMEDIATE, "BIOCIMMEDIATE"},
    {ZB_BIOCVERSION, "BIOCVERSION"},
    {ZB_BIOCGRSIG, "BIOCGRSIG"},
    {ZB_BIOCSRSIG, "BIOCSRSIG"},
    {ZB_BIOCGHDRCMPLT, "BIOCGHDRCMPLT"},
    {ZB_BIOCSHDRCMPLT, "BIOCSHDRCMPLT"},
    {ZB_BIOCGDIRECTION, "BIOCGDIRECTION"},
    {ZB_BIOCSDIRECTION, "BIOCSDIRECTION"},
    {ZB_BIOCSDLT, "BIOCSDLT"},
    {ZB_BIOCGDLTLIST, "BIOCGDLTLIST"},
    {ZB_BIOCLOCK, "BIOCLOCK"},
    {ZB_BIOCSETWF, "BIOCSETWF"},
    {ZB_BIOCFEEDBACK, "BIOCFEEDBACK"},
    {ZB_BIOCGETBUFMODE, "BIOCGETBUFMODE"},
    {ZB_BIOCSETBUFMODE, "BIOCSETBUFMODE"},
    {ZB_BIOCGETZMAX, "BIOCGETZMAX"},
    {ZB_BIOCROTZBUF, "BIOCROTZBUF"},
    {ZB_BIOCSETZBUF, "BIOCSETZBUF"},
    {ZB_BIOCSETFNR, "BIOCSETFNR"},
    {ZB_BIOCGTSTAMP, "BIOCGTSTAMP"},
    {ZB_BIOCSTSTAMP, "BIOCSTSTAMP"},
    {ZB_BIOCSETVLANPCP, "BIOCSETVLANPCP"},
    {ZB_FIONREAD, "FIONREAD"},
    {ZB_FIONBIO, "FIONBIO"},
    {ZB_FIOASYNC, "FIOASYNC"},
    {ZB_FIOSETOWN, "FIOSETOWN"},
    {ZB_FIOGETOWN, "FIOGETOWN"},
    {ZB_TIOCSPGRP, "TIOCSPGRP"},
    {ZB_TIOCGPGRP, "TIOCGPGRP"},
};

} // namespace

const char* request_name(std::uint32_t request) {
  for (const Name& name : names)
    if (name.number == request)
      return name.text;
  return nullptr;
}

} // namespace zbuf
