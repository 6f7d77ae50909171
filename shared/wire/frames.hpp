#pragma once

#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// What the frames of parley.fbs say, as values. The schema holds their meaning; names and order are the
/// same.
namespace parley {

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::string_view subprotocol = "parley.v1";

enum class change_kind : std::uint8_t { nothing = 0, create = 1, join = 2, leave = 3, message = 4 };
enum class question : std::uint8_t { history = 0, members = 1, rooms = 2 };
enum class outcome : std::uint8_t { unknown = 0, placed = 1, committed = 2, rejected = 3, later = 4 };
enum class room_kind : std::uint8_t { channel = 1, group = 2, direct = 3, ephemeral = 4 };

namespace wire {

struct hello {
    std::uint16_t version = protocol_version;
    user_id user;
    device_id device;
    std::string program;
};

struct subscribe {
    std::uint32_t request = 0;
    room_id room;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
};

struct unsubscribe {
    room_id room;
};

struct settle {
    std::uint32_t request = 0;
    room_id room;
    std::vector<op_id> ops;
};

struct op {
    op_id id;
    room_id room;
    op_id after;  ///< zero: none
    std::uint64_t since = 0;
    std::uint32_t offer = 0;
    bool again = false;
    change_kind kind = change_kind::message;
    std::string name;
    std::string text;
};

struct request {
    std::uint32_t id = 0;
    question ask = question::history;
    room_id room;
    std::uint64_t before = 0;
    std::string key;
    std::uint16_t limit = 0;
};

struct receipt {
    room_id room;
    std::uint64_t read = 0;
};

struct ping {
    std::uint32_t n = 0;
};

struct welcome {
    session_id session;
    user_id user;
    std::string name;
    std::int64_t time_ms = 0;
    std::uint64_t epoch = 0;
    std::uint16_t burst = 0;
    std::uint32_t per_ms = 0;
    std::uint16_t tokens = 0;
    std::string server;
};

struct room {
    room_id id;
    std::string name;
    std::string topic;
    room_kind kind = room_kind::channel;
    std::uint64_t epoch = 0;
    std::uint64_t head = 0;
    std::uint64_t w = 0;
    std::uint32_t members = 0;
    bool joined = false;
    std::uint64_t read = 0;
    std::uint32_t unread = 0;
    bool may_leave = true;
};

struct page {
    std::uint32_t request = 0;
    room_id room;
    std::uint64_t from = 0;
    bool fresh = false;
    std::uint64_t epoch = 0;
};

struct event {
    room_id room;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
    change_id id;
    std::string author_name;
    std::int64_t time_ms = 0;
    change_kind kind = change_kind::nothing;
    std::string name;
    std::string text;
    errc code = errc::none;
    std::uint64_t duplicate_of = 0;
};

struct member {
    user_id user;
    std::string name;
    std::uint64_t since = 0;
};

struct reply {
    std::uint32_t request = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t w = 0;
    bool more = false;
    std::string key;
    errc code = errc::none;
    std::vector<member> members;
    std::vector<room> rooms;
};

struct op_reply {
    op_id op;
    room_id room;
    std::uint32_t offer = 0;
    parley::outcome outcome = parley::outcome::unknown;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
    errc code = errc::none;
    std::uint32_t retry_ms = 0;
    change_kind kind = change_kind::nothing;
    std::int64_t time_ms = 0;
};

struct void_place {
    std::uint64_t seq = 0;
    errc code = errc::none;
    std::uint64_t duplicate_of = 0;
};

struct watermark {
    room_id room;
    std::uint64_t epoch = 0;
    std::uint64_t w = 0;
    std::vector<void_place> voids;
};

struct truncated {
    room_id room;
    std::uint64_t epoch = 0;
    std::uint64_t after = 0;
};

struct behind {
    room_id room;
};

struct lost {
    std::uint64_t epoch = 0;
};

struct pong {
    std::uint32_t n = 0;
    std::int64_t time_ms = 0;
    std::uint64_t digest = 0;
};

struct going_away {
    std::uint32_t retry_ms = 0;
};

struct error_frame {
    errc code = errc::none;
    std::string detail;
    std::vector<std::uint16_t> versions;
};

/// A frame or field of a later version: skipped.
struct skipped {};

using frame_up = std::variant<skipped, hello, subscribe, unsubscribe, settle, op, request, receipt, ping>;
using frame_down = std::variant<skipped, welcome, room, page, event, reply, op_reply, watermark, truncated,
                                behind, lost, pong, going_away, error_frame>;

}  // namespace wire
}  // namespace parley
