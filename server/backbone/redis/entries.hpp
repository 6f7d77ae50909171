#pragma once

#include "server/backbone/backbone.hpp"
#include "server/backbone/redis/connection.hpp"
#include "shared/base/errors.hpp"

#include <string>

/// How ops and settlements stand in the stream; the scripts read what stands before an event, and the whole
/// of a settlement.
///
///     op          p  room[16] author[16] op[16] seq:8 number:8 weight:4 hash[8] fences:1
///                 b  the event as a frame of shared/wire, without seq and epoch
///     settlement  s  upto:8, rooms:4 (room[16] w:8)*, voids:4 (room[16] seq:8 code:2 duplicate_of:8)*,
///                    halted:4 (room[16])*
///     beginning   e
namespace parley::redis {

/// As a script takes it: a header, then the event.
[[nodiscard]] std::string header_of(const append_item& item);
[[nodiscard]] std::string event_of(const append_item& item);
[[nodiscard]] std::string packed(const settled_entry& settled);

struct read_entry {
    std::uint64_t epoch = 0;
    std::uint64_t n = 0;
    log_entry entry;
};

/// One element of what XRANGE or XREAD answers. Fails with `malformed`.
[[nodiscard]] result<read_entry> entry_of(const reply& element);

}  // namespace parley::redis
