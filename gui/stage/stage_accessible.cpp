// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/stage_accessible.h"

// First, for core has functions called emit.
#include "gui/stage/stage_view.h"

#include "gui/stage/scene.h"

#include <QAccessible>
#include <QAccessibleActionInterface>
#include <QAccessibleWidget>
#include <QPointer>

#include <map>

namespace zbuf::gui::stage {

namespace {

/// One part; which one it is, is its number among the parts of now.
class AccessiblePart : public QAccessibleInterface, public QAccessibleActionInterface {
 public:
  AccessiblePart(StageView* view, int index) : view_(view), index_(index) {}

  bool isValid() const override { return element() != nullptr; }
  QObject* object() const override { return nullptr; }
  QWindow* window() const override { return view_ == nullptr ? nullptr : view_->window()->windowHandle(); }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(view_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }

  QString text(QAccessible::Text kind) const override {
    const Element* element = this->element();
    if (element == nullptr)
      return {};
    return kind == QAccessible::Name          ? element->name
           : kind == QAccessible::Description ? element->description
                                              : QString();
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    const Element* element = this->element();
    return element == nullptr
               ? QRect()
               : QRect(view_->mapToGlobal(element->rect.topLeft().toPoint()), element->rect.size().toSize());
  }
  QAccessible::Role role() const override {
    const Element* element = this->element();
    return element != nullptr && element->active ? QAccessible::Button : QAccessible::StaticText;
  }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.focusable = true;
    state.focused = view_ != nullptr && view_->hasFocus() && view_->current_element() == index_;
    state.invalid = element() == nullptr;
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
  }

  QStringList actionNames() const override {
    const Element* element = this->element();
    return element != nullptr && element->active ? QStringList{pressAction(), setFocusAction()}
                                                 : QStringList{setFocusAction()};
  }
  void doAction(const QString& name) override {
    if (view_ == nullptr)
      return;
    if (name == pressAction())
      view_->activate(index_);
    else if (name == setFocusAction()) {
      view_->setFocus();
      view_->set_current_element(index_);
    }
  }
  QStringList keyBindingsForAction(const QString&) const override { return {}; }

 private:
  const Element* element() const {
    if (view_ == nullptr || index_ >= static_cast<int>(view_->elements().size()))
      return nullptr;
    return &view_->elements()[static_cast<std::size_t>(index_)];
  }

  QPointer<StageView> view_;
  int index_;
};

class AccessibleStage : public QAccessibleWidget {
 public:
  explicit AccessibleStage(StageView* view) : QAccessibleWidget(view, QAccessible::Graphic), view_(view) {}
  ~AccessibleStage() override {
    for (const auto& [index, id] : children_)
      QAccessible::deleteAccessibleInterface(id);
  }

  int childCount() const override { return static_cast<int>(view_->elements().size()); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount())
      return nullptr;
    const auto known = children_.find(index);
    if (known != children_.end())
      return QAccessible::accessibleInterface(known->second);
    auto* const part = new AccessiblePart(view_, index); // owned by Qt's table from here on
    children_.emplace(index, QAccessible::registerAccessibleInterface(part));
    return part;
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (const auto& [index, id] : children_)
      if (QAccessible::accessibleInterface(id) == child)
        return index;
    return -1;
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    for (int i = childCount() - 1; i >= 0; --i)
      if (QAccessibleInterface* part = child(i); part != nullptr && part->rect().contains(x, y))
        return part;
    return nullptr;
  }
  QAccessibleInterface* focusChild() const override {
    return view_->hasFocus() && view_->current_element() >= 0 ? child(view_->current_element()) : nullptr;
  }

 private:
  StageView* view_;
  mutable std::map<int, QAccessible::Id> children_;
};

QAccessibleInterface* make_stage(const QString& name, QObject* object) {
  if (name != QLatin1String("zbuf::gui::StageView"))
    return nullptr;
  auto* const view = qobject_cast<StageView*>(object);
  return view == nullptr ? nullptr : new AccessibleStage(view);
}

} // namespace

void install_stage_accessibility() {
  QAccessible::installFactory(make_stage); // the same one again changes nothing
}

} // namespace zbuf::gui::stage
