// SPDX-License-Identifier: GPL-3.0-or-later
// Names for numbers: what the run calls its interfaces, readers and filters. The protocol knows only numbers.
#pragma once

#include "gui/model/playback.h"

#include <QString>

#include <map>
#include <vector>

namespace zbuf::gui::stage {

struct Facts {
  struct Reader {
    QString name{};
    QString filter{}; ///< as it was written; empty: every packet, or not known
    bool filter_known = false;
  };
  std::map<std::uint16_t, Reader> readers{};
  std::vector<QString> interfaces{};
  QString revision{};

  [[nodiscard]] QString reader(std::uint16_t descriptor) const;
  [[nodiscard]] QString interface(std::uint32_t number) const;
};

/// From the report and the metadata of the track; what is in neither gets a plain name.
[[nodiscard]] Facts facts_of(const Track& track);

} // namespace zbuf::gui::stage
