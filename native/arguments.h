// A job's record as C++ sees it. What a job reads lies where nobody can free it: a SharedArrayBuffer can be neither transferred nor
// shrunk and is read in place; any other array is copied, into memory that the job owns. What it writes is shared memory too, or
// an array that the caller made for it and shows to nobody before the job ends. Everything that is not as expected is an error
// here, whatever was checked before. Row offsets, which become addresses unseen, are always copied and looked over.
#pragma once
#include <napi.h>

#include <cstring>
#include <string>
#include <vector>

#include "buffer.h"

namespace {

template <class T>
constexpr napi_typedarray_type kArrayType = napi_float32_array;
template <>
constexpr napi_typedarray_type kArrayType<double> = napi_float64_array;
template <>
constexpr napi_typedarray_type kArrayType<uint32_t> = napi_uint32_array;
template <>
constexpr napi_typedarray_type kArrayType<int32_t> = napi_int32_array;
template <>
constexpr napi_typedarray_type kArrayType<uint8_t> = napi_uint8_array;
template <>
constexpr napi_typedarray_type kArrayType<int8_t> = napi_int8_array;

constexpr double kLargestSize = INT32_MAX;

class Arguments {
 public:
  using Memory = std::vector<Buffer<uint8_t>>;

  explicit Arguments(const Napi::CallbackInfo& info) : env_(info.Env()), record_(info[0].As<Napi::Object>()) {
    if (!info[0].IsObject()) fail("a record of arguments");
  }

  double number(const char* name) const {
    const Napi::Value value = record_.Get(name);
    if (!value.IsNumber()) fail(std::string("a number ") + name);
    return value.As<Napi::Number>().DoubleValue();
  }
  /// A whole number from `least` to 2^31 - 1.
  size_t size(const char* name, double least = 0) const {
    const double value = number(name);
    if (!(value >= least && value <= kLargestSize && value == __builtin_floor(value))) fail(std::string("a size ") + name);
    return static_cast<size_t>(value);
  }
  /// A whole number of 32 bits.
  int32_t integer(const char* name) const {
    const double value = number(name);
    if (!(value >= INT32_MIN && value <= INT32_MAX && value == __builtin_floor(value))) fail(std::string("an integer ") + name);
    return static_cast<int32_t>(value);
  }
  /// How many numbers an array holds.
  size_t length(const char* name) const { return viewOf(name, record_.Get(name)).length; }
  bool has(const char* name) const { return !record_.Get(name).IsUndefined(); }

  template <class T>
  const T* input(const char* name, size_t length) {
    const View view = expected<T>(name, length);
    return static_cast<const T*>(view.isShared ? view.data : copyOf(view.data, length * sizeof(T)));
  }
  /// Null where there is none.
  template <class T>
  const T* optionalInput(const char* name, size_t length) {
    return has(name) ? input<T>(name, length) : nullptr;
  }
  /// The offsets of `rows` rows of `entries` entries in all.
  const uint32_t* offsets(const char* name, size_t rows, size_t entries) {
    const View view = expected<uint32_t>(name, rows + 1);
    const uint32_t* const copy = static_cast<const uint32_t*>(copyOf(view.data, (rows + 1) * sizeof(uint32_t)));
    bool ascends = copy[0] == 0 && copy[rows] == entries;
    for (size_t i = 0; i < rows; i++) ascends &= copy[i] <= copy[i + 1];
    if (!ascends) fail(std::string(name) + " to ascend from 0 to " + std::to_string(entries));
    return copy;
  }
  /// Numbers that ascend up to `most`.
  const uint32_t* ascending(const char* name, size_t count, size_t most) {
    const View view = expected<uint32_t>(name, count);
    const uint32_t* const copy = static_cast<const uint32_t*>(copyOf(view.data, count * sizeof(uint32_t)));
    bool ascends = true;
    for (size_t i = 0; i < count; i++) ascends &= copy[i] <= (i + 1 < count ? copy[i + 1] : most);
    if (!ascends) fail(std::string(name) + " to ascend to " + std::to_string(most) + " at most");
    return copy;
  }
  /// An array that nobody else has, or one in shared memory.
  template <class T>
  T* output(const char* name, size_t length) const {
    return static_cast<T*>(expected<T>(name, length).data);
  }
  template <class T>
  T* optionalOutput(const char* name, size_t length) const {
    return has(name) ? output<T>(name, length) : nullptr;
  }
  template <class T>
  T* shared(const char* name, size_t length) const {
    const View view = expected<T>(name, length);
    if (!view.isShared) fail(std::string(name) + " in shared memory");
    return static_cast<T*>(view.data);
  }

  Napi::Object record() const { return record_; }
  /// The copies, which are to live as long as the job reads them.
  Memory takeMemory() { return std::move(memory_); }

  [[noreturn]] void fail(const std::string& expectation) const { throw Napi::Error::New(env_, "expected " + expectation); }

 private:
  struct View {
    napi_typedarray_type type;
    size_t length;
    void* data;
    bool isShared;
  };

  View viewOf(const char* name, const Napi::Value& value) const {
    if (!value.IsTypedArray()) fail(std::string("an array ") + name);
    View view{};
    napi_value buffer = nullptr;
    bool isOwned = false;
    const napi_status status = napi_get_typedarray_info(env_, value, &view.type, &view.length, &view.data, &buffer, nullptr);
    if (status != napi_ok || napi_is_arraybuffer(env_, buffer, &isOwned) != napi_ok) fail(std::string("an array ") + name);
    view.isShared = !isOwned;
    return view;
  }

  template <class T>
  View expected(const char* name, size_t length) const {
    const View view = viewOf(name, record_.Get(name));
    if (view.type == kArrayType<T> && view.length == length) return view;
    fail(std::string(name) + " of " + std::to_string(length) + " numbers of its type");
  }

  void* copyOf(const void* data, size_t bytes) {
    memory_.emplace_back(bytes);
    if (bytes > 0) std::memcpy(memory_.back().data(), data, bytes);
    return memory_.back().data();
  }

  Napi::Env env_;
  Napi::Object record_;
  Memory memory_;
};

/// a b; an error where it is no size.
inline size_t times(const Arguments& in, size_t a, size_t b) {
  size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) in.fail("sizes whose product is one");
  return product;
}

}  // namespace
