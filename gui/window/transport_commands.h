// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with a run that is shown.
#pragma once

#include "gui/window/commands.h"

namespace zbuf::gui {

class ModeSwitch;
class NoticeBar;
class Playback;
class TimelineView;
class TransportBar;

/// All of these outlive the commands.
void add_play_commands(Commands& commands, Playback& playback, TransportBar& transport);
void add_go_commands(Commands& commands, Playback& playback, NoticeBar& notice);
/// Which of the runs and readers is looked at.
void add_run_commands(Commands& commands, Playback& playback, ModeSwitch& mode);
void add_timeline_commands(Commands& commands, TimelineView& timeline);

} // namespace zbuf::gui
