// SPDX-License-Identifier: GPL-3.0-or-later
// tr() for what is no QObject: all words of the stage are in one context for the translator.
#pragma once

#include <QCoreApplication>

namespace zbuf::gui::stage {

class Words {
  Q_DECLARE_TR_FUNCTIONS(Stage)
};

} // namespace zbuf::gui::stage
