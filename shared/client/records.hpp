#pragma once

#include "shared/base/bytes.hpp"
#include "shared/client/client.hpp"

#include <optional>
#include <string>
#include <variant>

/// What stands on the device, under which key. All that an outbox owns begins with `outbox/<its id>/`, which
/// is also how a host finds outboxes that nobody holds.
///
///     outbox/<outbox>/op/<op>        an op without a verdict, or one that failed and waits for its author
///     outbox/<outbox>/draft/<room>   what is typed but not sent
///     device                         this device's id        clock    the server's time less ours
///
/// A value is   version:u8 kind:u8 fields… check:u64le   with numbers little-endian, ids of 16 bytes, texts
/// as length:u32 and bytes. It comes from a disk that others may have written: what does not read back whole,
/// is of another version, of another user or does not fit its key is set aside and never sent.
namespace parley {

struct kept_op {
    ulid outbox;
    op_id id;
    room_id room;
    std::uint64_t order = 0;   ///< within the outbox, as composed
    std::uint64_t intent = 0;  ///< what asked for it; a page repeats it to a new core
    change_kind kind = change_kind::message;
    bool discard = false;      ///< a void is on its way
    errc failed = errc::none;  ///< it has its verdict, and its author was told why
    std::string name;
    std::string text;
    user_id user;  ///< whose it is; another's is not sent
};

struct kept_draft {
    ulid outbox;
    op_id id;  ///< the op that it will be
    room_id room;
    std::string text;
    user_id user;
    bool recalled = false;  ///< of an earlier life, as it stands there: its op may have been sent already
};

struct kept_device {
    device_id id;
};

struct kept_clock {
    std::int64_t offset_ms = 0;
};

using kept = std::variant<kept_op, kept_draft, kept_device, kept_clock>;

[[nodiscard]] std::string key_of(const kept_op& op);
[[nodiscard]] std::string key_of(const kept_draft& draft);
[[nodiscard]] std::string key_of(const kept_device& device);
[[nodiscard]] std::string key_of(const kept_clock& clock);

template <class Kept>
[[nodiscard]] stored_record to_record(const Kept& what);

/// Fails with what is wrong with it. Whose it is, the caller must look.
[[nodiscard]] result<kept> parse_record(const stored_record& record);

/// Whether the key belongs to this outbox; nothing else about it is checked.
[[nodiscard]] bool belongs_to(const std::string& key, const ulid& outbox);

}  // namespace parley
