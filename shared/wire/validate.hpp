#pragma once

#include "shared/base/errors.hpp"
#include "shared/wire/frames.hpp"

#include <string>
#include <string_view>

/// What may be said, the same on both ends (L17): the client checks before it puts an op in the outbox, the
/// hub before it gives it a place.
namespace parley {

/// UTF-8 without NUL, else `bad_text`.
checked check_text(std::string_view text);

/// 1 to `message_code_points` code points that are not all white space.
checked check_message(std::string_view text);

/// 1 to `room_name_code_points` code points, no control characters, not only white space, no white space at
/// the ends.
checked check_room_name(std::string_view name);

/// At most `topic_code_points`, no control characters.
checked check_topic(std::string_view topic);

/// Lower-cases A-Z; 2 to 32 of `a-z0-9._-`. Look-alike characters of other scripts are therefore refused, not
/// folded.
[[nodiscard]] result<std::string> check_user_name(std::string_view name);

/// The parts of an op that do not depend on the room: kind, text and name. Fails as the checks above.
checked check_op(const wire::op& op);
checked check_op(op_id id, room_id room, change_kind kind, std::string_view name, std::string_view text);

/// L1's range of op ids; ids with all time bits set are exempt.
checked check_op_id(op_id id, std::int64_t server_now_ms);

}  // namespace parley
