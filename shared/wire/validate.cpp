#include "shared/wire/validate.hpp"

#include "shared/base/limits.hpp"
#include "shared/base/utf8.hpp"

#include <algorithm>

namespace parley {

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool only_space(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_space);
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_control);
}

bool is_user_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static_assert(limits::message_code_points == 10'000 && limits::room_name_code_points == 64 &&
                  limits::topic_code_points == 256 && limits::user_name_min == 2 &&
                  limits::user_name_max == 32,
              "the sentences below name these limits");

}  // namespace

checked check_text(std::string_view text) {
    if (!valid_utf8(text)) return {errc::bad_text, "not UTF-8"};
    if (has_nul(text)) return {errc::bad_text, "holds a NUL"};
    return {};
}

checked check_message(std::string_view text) {
    if (auto ok = check_text(text); !ok) return ok;
    if (only_space(text)) return {errc::empty};
    if (count_code_points(text) > limits::message_code_points)
        return {errc::too_large, "a message has 1 to 10000 characters"};
    return {};
}

checked check_room_name(std::string_view name) {
    if (auto ok = check_text(name); !ok) return ok;
    const bool fits = count_code_points(name) <= limits::room_name_code_points;
    if (!fits || only_space(name) || has_control(name) || is_space(name.front()) || is_space(name.back()))
        return {errc::bad_name,
                "a room name has 1 to 64 characters, no control characters and no space at its ends"};
    return {};
}

checked check_topic(std::string_view topic) {
    if (auto ok = check_text(topic); !ok) return ok;
    if (count_code_points(topic) > limits::topic_code_points || has_control(topic))
        return {errc::too_large, "a topic has 0 to 256 characters and no control characters"};
    return {};
}

result<std::string> check_user_name(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = lower.size() >= limits::user_name_min && lower.size() <= limits::user_name_max;
    if (!fits || !std::all_of(lower.begin(), lower.end(), is_user_name_character))
        return fail(errc::bad_name, "a user name has 2 to 32 characters of a-z 0-9 . _ -");
    return lower;
}

checked check_op(const wire::op& op) {
    return check_op(op.id, op.room, op.kind, op.name, op.text);
}

checked check_op(op_id id, room_id room, change_kind kind, std::string_view name, std::string_view text) {
    if (id.is_zero()) return {errc::bad_op_id, "an op needs an id"};
    if (room.is_zero()) return {errc::no_such_room, "an op needs a room"};
    const bool named = kind == change_kind::create, speaks = named || kind == change_kind::message;
    // What nobody keeps would make a repeated op look like another one once it is read back.
    if ((!named && !name.empty()) || (!speaks && !text.empty()))
        return {errc::malformed, "this kind of op has no such text"};
    switch (kind) {
    case change_kind::message: return check_message(text);
    case change_kind::create:
        if (auto ok = check_room_name(name); !ok) return ok;
        return check_topic(text);
    case change_kind::join:
    case change_kind::leave:
    case change_kind::nothing: return {};
    }
    return {errc::malformed, "this kind of op is not known"};
}

checked check_op_id(op_id id, std::int64_t server_now_ms) {
    const std::int64_t time = id.value.time_ms();
    if (time == ulid_time_max_ms) return {};
    if (time < server_now_ms - limits::op_id_age_ms || time > server_now_ms + limits::op_id_ahead_ms)
        return {errc::bad_op_id};
    return {};
}

}  // namespace parley
