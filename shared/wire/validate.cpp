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

std::string between(std::size_t least, std::size_t most) {
    return std::to_string(static_cast<unsigned long>(least)) + " to " +
           std::to_string(static_cast<unsigned long>(most)) + " characters";
}

}  // namespace

result<void> check_text(std::string_view text) {
    if (!valid_utf8(text)) return fail(errc::bad_text, "not UTF-8");
    if (text.find('\0') != std::string_view::npos) return fail(errc::bad_text, "holds a NUL");
    return {};
}

result<void> check_message(std::string_view text) {
    if (auto ok = check_text(text); !ok) return ok;
    if (only_space(text)) return fail(errc::empty);
    if (count_code_points(text) > limits::message_code_points)
        return fail(errc::too_large, "a message has " + between(1, limits::message_code_points));
    return {};
}

result<void> check_room_name(std::string_view name) {
    if (auto ok = check_text(name); !ok) return ok;
    const bool fits = count_code_points(name) <= limits::room_name_code_points;
    if (!fits || only_space(name) || has_control(name) || is_space(name.front()) || is_space(name.back()))
        return fail(errc::bad_name, "a room name has " + between(1, limits::room_name_code_points) +
                                        ", no control characters and no space at its ends");
    return {};
}

result<void> check_topic(std::string_view topic) {
    if (auto ok = check_text(topic); !ok) return ok;
    if (count_code_points(topic) > limits::topic_code_points || has_control(topic))
        return fail(errc::too_large,
                    "a topic has " + between(0, limits::topic_code_points) + " and no control characters");
    return {};
}

result<std::string> check_user_name(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = lower.size() >= limits::user_name_min && lower.size() <= limits::user_name_max;
    if (!fits || !std::all_of(lower.begin(), lower.end(), is_user_name_character))
        return fail(
            errc::bad_name,
            "a user name has " + between(limits::user_name_min, limits::user_name_max) + " of a-z 0-9 . _ -");
    return lower;
}

result<void> check_op(const wire::op& op) {
    if (op.id.is_zero()) return fail(errc::bad_op_id, "an op needs an id");
    if (op.room.is_zero()) return fail(errc::no_such_room, "an op needs a room");
    switch (op.kind) {
    case change_kind::message: return check_message(op.text);
    case change_kind::create:
        if (auto ok = check_room_name(op.name); !ok) return ok;
        return check_topic(op.text);
    case change_kind::join:
    case change_kind::leave:
    case change_kind::nothing: return {};
    }
    return fail(errc::malformed, "this kind of op is not known");
}

result<void> check_op_id(op_id id, std::int64_t server_now_ms) {
    const std::int64_t time = id.value.time_ms();
    if (time == ulid_time_max_ms) return {};
    if (time < server_now_ms - limits::op_id_age_ms || time > server_now_ms + limits::op_id_ahead_ms)
        return fail(errc::bad_op_id);
    return {};
}

}  // namespace parley
