// Scratch memory aligned to cache lines. In an anonymous namespace for the reason given in simd.h.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

template <class T>
class Buffer {
 public:
  explicit Buffer(size_t length) {
    const size_t bytes = (length * sizeof(T) + 63) / 64 * 64 + 64;
    data_ = static_cast<T*>(std::aligned_alloc(64, bytes));
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~Buffer() { std::free(data_); }
  Buffer(Buffer&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }

 private:
  T* data_;
};

}  // namespace
