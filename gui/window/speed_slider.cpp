// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/speed_slider.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHBoxLayout>
#include <QSignalBlocker>

#include <algorithm>
#include <cmath>
#include <limits>

namespace zbuf::gui {

const std::vector<double>& SpeedSlider::speeds() {
  static const std::vector<double> all = [] {
    std::vector<double> made;
    for (double decade = 1e6; decade > 500; decade /= 10)
      for (const double slower : {1.0, 0.7, 0.5, 0.3, 0.2, 0.15})
        made.push_back(1 / (slower * decade));
    for (double decade = 1e-2; decade < 500; decade *= 10)
      for (const double faster : {1.0, 2.0, 5.0})
        made.push_back(faster * decade);
    made.push_back(1000);
    made.push_back(std::numeric_limits<double>::infinity());
    return made;
  }();
  return all;
}

int SpeedSlider::nearest_place(double speed) {
  const auto& all = speeds();
  if (std::isinf(speed))
    return static_cast<int>(all.size()) - 1;
  const auto nearest = std::min_element(all.begin(), all.end(), [speed](double a, double b) {
    return std::fabs(std::log(a / speed)) < std::fabs(std::log(b / speed));
  });
  return static_cast<int>(nearest - all.begin());
}

SpeedSlider::SpeedSlider(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), slider_(new QSlider(Qt::Horizontal)), value_(new QLabel) {
  auto* const name = new QLabel(tr("Speed"));
  name->setBuddy(slider_);
  slider_->setRange(0, static_cast<int>(speeds().size()) - 1);
  slider_->setPageStep(4);
  slider_->setAccessibleName(tr("Speed"));
  slider_->setAccessibleDescription(
      tr("Model time against time of the wall, from a millionth to a thousand times"));
  slider_->setToolTip(tr("How fast model time goes (− and +)"));
  value_->setAccessibleName(tr("Speed now"));
  auto* const row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(name);
  row->addWidget(slider_, 1);
  row->addWidget(value_);
  connect(slider_, &QSlider::valueChanged, this,
          [this](int place) { playback_.set_speed(speeds()[static_cast<std::size_t>(place)]); });
  connect(&playback_, &Playback::speed_changed, this, &SpeedSlider::show_speed);
  const auto fit = [this] {
    const QFontMetrics metrics(theme().ui());
    slider_->setMinimumWidth(metrics.averageCharWidth() * 10);
    value_->setMinimumWidth(metrics.horizontalAdvance(speed_text(1e-6)));
  };
  fit();
  connect(&theme(), &Theme::changed, this, fit);
  show_speed();
}

void SpeedSlider::show_speed() {
  const QSignalBlocker quiet(slider_);
  slider_->setValue(nearest_place(playback_.speed()));
  value_->setText(speed_text(playback_.speed()));
}

} // namespace zbuf::gui
