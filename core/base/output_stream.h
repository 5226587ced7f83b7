// SPDX-License-Identifier: BSD-2-Clause
// A C++ stream into an OutputFile, in pieces.
#pragma once

#include "core/base/output_file.h"

#include <ostream>
#include <streambuf>
#include <vector>

namespace zbuf {

/// The file outlives it. Flush the stream, ask result(), then complete the file.
class OutputStreamBuffer final : public std::streambuf {
 public:
  explicit OutputStreamBuffer(OutputFile& file) : file_(file), bytes_(1 << 16) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
  }
  [[nodiscard]] const Result<void>& result() const { return result_; }

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0)
      return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof()))
      sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }
  int sync() override {
    if (result_)
      result_ = file_.append({pbase(), static_cast<std::size_t>(pptr() - pbase())});
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    return result_ ? 0 : -1;
  }

 private:
  OutputFile& file_;
  std::vector<char> bytes_;
  Result<void> result_{};
};

} // namespace zbuf
