// The form in which the rows gathered by training are stored: of every float32 the upper 16 bits (bfloat16), of two vectors the
// numbers of one lane in one 32-bit word. The first vector is a shift away; the second is the words themselves, read as float32
// numbers whose last digits are the bits of the first. Both are rounded to the nearest that can be read back, within 2^-8 of
// the number. IEEE half precision, which this processor converts in two instructions a vector, gave the same loss and took
// a sixth longer (S/64).
#pragma once
#include "simd.h"

namespace {

using Stored = uint16_t;
typedef uint32_t WordVector __attribute__((vector_size(kVectorBytes)));
typedef uint32_t WordUnaligned __attribute__((vector_size(kVectorBytes), aligned(2), may_alias));

inline WordVector loadWords(const Stored* from) { return *reinterpret_cast<const WordUnaligned*>(from); }

inline FloatVector firstOf(WordVector words) { return reinterpret_cast<FloatVector>(words << 16); }

inline FloatVector secondOf(WordVector words) { return reinterpret_cast<FloatVector>(words); }

/// What is smaller than 2^-60 of the second vector becomes that: without a digit of its own, it would be read as a denormal.
inline void storeWords(Stored* to, FloatVector first, FloatVector second) {
  constexpr uint32_t least = (127 - 60) << 23;
  const WordVector low = (reinterpret_cast<WordVector>(first) + 0x8000) >> 16, bits = reinterpret_cast<WordVector>(second);
  const WordVector high = ((bits & 0x7fffffff) < least ? WordVector{} + least : bits) - low + 0x8000;
  *reinterpret_cast<WordUnaligned*>(to) = (high & 0xffff0000) | low;
}

}  // namespace
