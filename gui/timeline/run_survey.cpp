// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/run_survey.h"

#include <map>
#include <mutex>

namespace zbuf::gui {

std::shared_ptr<const Survey> survey_of(const std::shared_ptr<const Recording>& recording,
                                        const std::atomic<bool>& stop) {
  struct Known {
    std::weak_ptr<const Recording> recording;
    std::weak_ptr<const Survey> survey;
  };
  static std::mutex mutex;
  static std::map<const Recording*, Known> all;

  // The lock is held while one is made: whoever asks meanwhile most likely wants the same.
  const std::lock_guard lock(mutex);
  std::erase_if(all, [](const auto& entry) { return entry.second.recording.expired(); });
  Known& known = all[recording.get()];
  if (std::shared_ptr<const Survey> found = known.survey.lock())
    return found;
  std::optional<Survey> made =
      survey(*recording, 0, recording->last_ns() + 1, recording->last_ns() / survey_parts, &stop);
  if (!made)
    return nullptr;
  auto shared = std::make_shared<const Survey>(std::move(*made));
  known = {recording, shared};
  return shared;
}

} // namespace zbuf::gui
