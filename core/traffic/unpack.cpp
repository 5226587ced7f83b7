// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/unpack.h"

#include "core/traffic/wire.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace zbuf {

namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30;
constexpr std::size_t piece = 1 << 18;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Unpacker {
 public:
  Unpacker(int descriptor, const std::string& name) : descriptor_(descriptor), name_(name) {}

  Result<int> run() {
    struct stat status {};
    const bool is_file = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (is_file && ::lseek(descriptor_, 0, SEEK_SET) < 0)
      return refuse_io();
    in_.resize(piece);
    if (auto filled = fill(4); !filled)
      return fail(filled.error());
    const bool gzip = begins_with({0x1f, 0x8b}), zstd = begins_with({0x28, 0xb5, 0x2f, 0xfd});
    if (is_file && !gzip && !zstd)
      return -1;
    out_.reset(std::tmpfile());
    if (out_ == nullptr)
      return refuse_io();
    const Result<void> done = gzip ? inflate_all() : zstd ? decompress_all() : copy_all();
    if (!done)
      return fail(done.error());
    if (std::fflush(out_.get()) != 0)
      return refuse_io();
    const int copy = ::fcntl(::fileno(out_.get()), F_DUPFD_CLOEXEC, 0);
    return copy >= 0 ? Result<int>(copy) : refuse_io();
  }

 private:
  [[nodiscard]] bool begins_with(std::initializer_list<unsigned char> magic) const {
    return have_ >= magic.size() && std::equal(magic.begin(), magic.end(), in_.begin());
  }
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& what) const {
    return fail(Error{Error::Code::bad_input, what, name_});
  }
  [[nodiscard]] tl::unexpected<Error> refuse_io() const {
    return fail(
        Error{Error::Code::io, fmt::format("cannot be read or unpacked: {}", std::strerror(errno)), name_});
  }

  /// Reads until there are `least` bytes, or the end. The rest of in_ is free.
  Result<void> fill(std::size_t least) {
    while (have_ < least && !ended_) {
      const ssize_t count = ::read(descriptor_, in_.data() + have_, in_.size() - have_);
      if (count < 0 && errno != EINTR)
        return refuse_io();
      ended_ = count == 0;
      have_ += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
  }

  Result<void> put(std::span<const unsigned char> bytes) {
    written_ += bytes.size();
    if (written_ > most_bytes)
      return refuse(
          fmt::format("unpacked it has more than {} GiB; expected less. Unpack it yourself, and give the "
                      "file",
                      most_bytes >> 30));
    if (std::fwrite(bytes.data(), 1, bytes.size(), out_.get()) != bytes.size())
      return refuse_io();
    return {};
  }

  Result<void> copy_all() {
    while (have_ != 0) {
      if (auto done = put(std::span(in_).first(have_)); !done)
        return done;
      have_ = 0;
      if (auto filled = fill(1); !filled)
        return filled;
    }
    return {};
  }

  /// One member after the other, as gzip(1) does.
  Result<void> inflate_all() {
    z_stream stream{};
    if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
      return refuse("zlib has no memory");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, ::inflateEnd);
    std::vector<unsigned char> room(piece);
    int status = Z_OK;
    while (have_ != 0) {
      stream.next_in = in_.data();
      stream.avail_in = static_cast<uInt>(have_);
      do {
        if (status == Z_STREAM_END && ::inflateReset(&stream) != Z_OK)
          return refuse("zlib has no memory");
        stream.next_out = room.data();
        stream.avail_out = static_cast<uInt>(room.size());
        status = ::inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
          return refuse(fmt::format("this is no gzip file, or it is damaged: {}",
                                    stream.msg != nullptr ? stream.msg : "?"));
        if (auto done = put(std::span(room).first(room.size() - stream.avail_out)); !done)
          return done;
      } while (stream.avail_in != 0 || stream.avail_out == 0);
      have_ = 0;
      if (auto filled = fill(1); !filled)
        return filled;
    }
    return status == Z_STREAM_END ? Result<void>() : refuse("the gzip file is cut off");
  }

  Result<void> decompress_all() {
    const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(::ZSTD_createDStream(),
                                                                               ::ZSTD_freeDStream);
    if (stream == nullptr)
      return refuse("zstd has no memory");
    std::vector<unsigned char> room(piece);
    std::size_t left = 1;
    while (have_ != 0) {
      ZSTD_inBuffer from{in_.data(), have_, 0};
      bool full = false;
      while (from.pos < from.size || full) {
        ZSTD_outBuffer to{room.data(), room.size(), 0};
        left = ::ZSTD_decompressStream(stream.get(), &to, &from);
        if (::ZSTD_isError(left) != 0)
          return refuse(fmt::format("this is no zstd file, or it is damaged: {}", ::ZSTD_getErrorName(left)));
        if (auto done = put(std::span(room).first(to.pos)); !done)
          return done;
        full = to.pos == to.size;
      }
      have_ = 0;
      if (auto filled = fill(1); !filled)
        return filled;
    }
    return left == 0 ? Result<void>() : refuse("the zstd file is cut off");
  }

  int descriptor_;
  std::string name_;
  std::vector<unsigned char> in_;
  std::size_t have_ = 0;
  bool ended_ = false;
  std::uint64_t written_ = 0;
  std::unique_ptr<std::FILE, CloseFile> out_;
};

} // namespace

Result<int> unpack(int descriptor, const std::string& name) {
  return Unpacker(descriptor, name).run();
}

bool looks_like_capture(const std::string& path) {
  std::array<std::byte, 4> first{};
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(first.data()), static_cast<std::streamsize>(first.size()));
  if (in.gcount() < static_cast<std::streamsize>(first.size()))
    return false;
  const std::uint32_t magic = get32(first.data());
  for (const std::uint32_t known : {0xa1b2c3d4u, 0xd4c3b2a1u, 0xa1b23c4du, 0x4d3cb2a1u, 0xa1b2cd34u,
                                    0x34cdb2a1u, 0x0a0d0d0au, 0x28b52ffdu})
    if (magic == known)
      return true;
  return magic >> 16 == 0x1f8b;
}

} // namespace zbuf
