#pragma once

#include "shared/base/bytes.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a flight recorder holds, and the file that is made of it. Numbers are little-endian, times are
/// milliseconds, texts and blobs have their length before them.
///
///     file   := "PARLEYFR" version:u32 size:u64 body check:u64
///     body   := masked:u8 program:text flights:u32 flight*
///     flight := forgotten:u32 end:text moments:u32 moment*
///     moment := bits:u8 mono:f64 wall:f64 (step | view)
///     step   := fact:blob effects:blob
///     view   := patch_size:u32 digest:u64
///
/// `size` is that of the file, `check` a hash of all before it. Bits of a moment: 1 a view, else a step; 2 it
/// never returned; 4 the digest is not known. The envelope of a body is the same in all versions, so that a
/// newer file is known from a damaged one. A body comes from the browser's worker as it is, with a `masked`
/// of 0.
namespace parley::recorder {

inline constexpr std::uint32_t format_version = 1;

/// What the core gave: effects of a step, or a patch of a look at the view, of which a digest is kept.
struct given {
    bytes effects;
    std::uint32_t patch_size = 0;
    std::optional<std::uint64_t> patch_digest;
};

/// One call of the core.
struct moment {
    enum class what : std::uint8_t { step, view };
    what kind = what::step;
    bool returned = true;  ///< false: the core ended in it
    double mono_ms = 0, wall_ms = 0;
    bytes fact;  ///< of a step
    given gave;
};

/// What one worker told its core.
struct flight {
    std::uint32_t forgotten = 0;  ///< facts before the first moment, which the ring has dropped
    std::string end;              ///< why the worker ended, "" if it lives
    std::vector<moment> moments;
};

struct recording {
    bool masked = false;
    std::string program;
    std::vector<flight> flights;
};

enum class unreadable : std::uint8_t { no_recording, newer, cut_short, longer, damaged };

[[nodiscard]] std::string_view sentence_of(unreadable why);

template <class T>
using readable = tl::expected<T, unreadable>;

[[nodiscard]] readable<recording> read_file(byte_view file);
[[nodiscard]] bytes write_file(const recording& all);

/// A file of that version around a body.
[[nodiscard]] bytes enveloped(byte_view body, std::uint32_t version);

/// The body alone; `damaged` is the one thing that can be wrong with it.
[[nodiscard]] readable<recording> read_body(byte_view body);

/// FNV-1a in two lanes of 32 bits, which the browser's worker can make as fast.
[[nodiscard]] std::uint64_t digest_of(byte_view patch);

/// What is not known of a patch is taken as equal.
[[nodiscard]] bool same(const given& recorded, const given& again);

}  // namespace parley::recorder
