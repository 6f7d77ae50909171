#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"
#include "shared/wire/codec.hpp"
#include "shared/wire/validate.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/targets.hpp"

#include <type_traits>
#include <variant>

namespace parley::fuzz {
namespace {

/// Nothing for what is skipped.
template <class Frame>
bytes encoded(const Frame& frame) {
    bytes message;
    std::visit(
        [&](const auto& known) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(known)>, wire::skipped>)
                wire::append(message, known);
        },
        frame);
    return message;
}

/// What was read can be said again and is then read as the same.
template <class Decode>
void check_one(byte_view frame, Decode decode) {
    const auto read = decode(frame);
    if (!read) {
        PARLEY_ASSERT(read.error().code != errc::none);
        return;
    }
    const auto once = encoded(*read);
    if (once.empty()) return;
    wire::frame_reader frames{once};
    const auto again = decode(frames.next());
    PARLEY_ASSERT(again.has_value() && again->index() == read->index());
    PARLEY_ASSERT(encoded(*again) == once);
    PARLEY_ASSERT(frames.next().empty() && !frames.malformed());
}

void check_rules(byte_view frame) {
    const auto read = wire::decode_up(frame);
    const auto* op = read ? std::get_if<wire::op>(&*read) : nullptr;
    if (!op) return;
    if (check_op(*op)) {
        PARLEY_ASSERT(check_text(op->text) && check_text(op->name));
        PARLEY_ASSERT(op->text.size() <= 4 * limits::message_code_points);
    }
    (void)check_op_id(op->id, 1'700'000'000'000);
    (void)check_user_name(op->name);
}

}  // namespace

void wire_frames(byte_view input) {
    // A vector's memory is as aligned as the protocol wants the message to be.
    const bytes message(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(
                                                           std::min(input.size(), limits::ws_message_bytes)));
    wire::frame_reader frames{message};
    std::size_t seen = 0;
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        seen += frame.size();
        PARLEY_ASSERT(seen <= message.size());
        check_one(frame, wire::decode_up);
        check_one(frame, wire::decode_down);
        check_rules(frame);
    }
}

}  // namespace parley::fuzz
