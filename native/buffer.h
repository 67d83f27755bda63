// Scratch memory aligned to cache lines. In an anonymous namespace for the reason given in simd.h.
#pragma once
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace {

// Rows gathered at random from a table of ordinary pages cost a miss in the page-table cache each.
constexpr size_t kHugePage = 2 << 20;

template <class T>
class Buffer {
 public:
  explicit Buffer(size_t length) : length_(length) {
    const size_t wanted = length * sizeof(T) + 64;
    const size_t page = wanted < kHugePage ? 64 : kHugePage;
    const size_t bytes = (wanted + page - 1) / page * page;
    data_ = static_cast<T*>(std::aligned_alloc(page, bytes));
    if (data_ == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    if (page == kHugePage) madvise(data_, bytes, MADV_HUGEPAGE);
#endif
  }
  ~Buffer() { std::free(data_); }
  Buffer(Buffer&& other) noexcept : data_(other.data_), length_(other.length_) { other.data_ = nullptr; }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) {
    assert(i < length_);
    return data_[i];
  }

 private:
  T* data_;
  size_t length_;
};

}  // namespace
