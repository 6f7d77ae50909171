#include "shared/base/assert.hpp"
#include "shared/client/records.hpp"
#include "shared/wire/codec.hpp"
#include "tests/fuzz/client_stage.hpp"

#include <array>
#include <type_traits>

namespace parley::fuzz {
namespace {

constexpr std::array<std::int64_t, 8> spans_ms{0, 1, 100, 1'000, 5'000, 30'000, 3'600'000, 1'296'000'000};
constexpr std::array<std::uint16_t, 8> close_codes{1000, 1001, 1006, 1008, 4401, 4403, 4408, 4409};

}  // namespace

void client_stage::act(choices& choose) {
    switch (choose.below(18)) {
    case 0: return pass_some(choose);
    case 1: return reach_deadline();
    case 2: return feed(deadline_passed_fact{});
    case 3: return close(close_codes[choose.below(close_codes.size())]);
    case 4: return say_anything(choose);
    case 5:
        return hear_bytes([&] {
            const auto raw = choose.take(choose.byte());
            return bytes(raw.begin(), raw.end());
        }());
    case 6: return answer_disk(choose);
    case 7: return tell_host_news(choose);
    case 8: return claim(some_outbox(choose.below(outboxes)));
    case 9: return reload();
    case 10: return page_.look(*core_, now_, choose.flag());
    case 11: return damage_disk(choose);
    case 12: {
        bytes message;
        const auto room = a_room(choose);
        choose.flag() ? server_.settle(room, message) : server_.speak(room, words_.time_ms, message);
        return hear_bytes(message);
    }
    case 13:
    case 14: return intend(choose);
    default: return answer_one();
    }
}

/// Monotonic time does not go back, the time on the wall may.
void client_stage::pass_some(choices& choose) {
    pass(spans_ms[choose.below(spans_ms.size())]);
    if (choose.below(8) == 7)
        now_.wall_ms += spans_ms[choose.below(spans_ms.size())] * (choose.flag() ? 1 : -1);
}

void client_stage::say_anything(choices& choose) {
    bytes message;
    for (auto n = 1 + choose.below(4); n > 0; --n)
        std::visit(
            [&](const auto& known) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(known)>, wire::skipped>)
                    wire::append(message, known);
            },
            a_frame_down(choose, words_));
    hear_bytes(message);
}

/// In order. What was written is there after a reload, what failed is not.
void client_stage::answer_disk(choices& choose) {
    if (writes_.empty()) return;
    const auto batch = std::move(writes_.front());
    writes_.pop_front();
    if (choose.below(8) == 7) {
        const auto why = static_cast<persist_failed::reason>(choose.below(3));
        return feed(persist_failed{batch.batch, why});
    }
    for (const auto& record : batch.put)
        disk[record.key] = record.value;
    for (const auto& key : batch.drop)
        disk.erase(key);
    feed(persisted{batch.batch});
}

void client_stage::intend(choices& choose) {
    if (last_intent_ && choose.below(16) == 15) return feed(*last_intent_);
    intended what;
    what.intent = next_intent_++;
    what.kind = static_cast<intended::what>(choose.below(15));
    what.room = choose.below(8) == 7 ? room_id{} : a_room(choose);
    what.change = {some_user(choose.below(8) == 7 ? 1 : 0), an_op(choose, words_)};
    what.name = choose.flag() ? "room" : choose.text();
    what.text = choose.flag() ? "hello" : choose.text();
    last_intent_ = what;
    feed(what);
}

void client_stage::tell_host_news(choices& choose) {
    switch (choose.below(8)) {
    case 0: return feed(network_changed{choose.flag()});
    case 1: return feed(page_shown{choose.flag()});
    case 2: return feed(signed_in{some_user(choose.below(users))});
    case 3: return feed(socket_opened{attempt_ + 1 + static_cast<std::uint32_t>(choose.byte())});
    case 4: return feed(socket_closed{attempt_ - 1, 1006});
    case 5: return feed(persisted{choose.quantity()});
    case 6:
        // After it the host would start a new core, which `reload` is.
        if (choose.flag()) feed(signed_out{});
        return;
    default:
        if (!signed_out_) feed(started{some_user(1), "bob", some_outbox(1), {}, false});
        return;
    }
}

/// Somebody has been at the disk while nobody looked.
void client_stage::damage_disk(choices& choose) {
    if (disk.empty()) return;
    auto it = disk.begin();
    std::advance(it, choose.below(disk.size()));
    auto& value = it->second;
    switch (choose.below(4)) {
    case 0: value.resize(choose.below(value.size() + 1)); return;
    case 1:
        if (!value.empty())
            value[choose.below(value.size())] ^= static_cast<std::uint8_t>(1 + choose.below(255));
        return;
    case 2: {
        auto moved = value;
        disk["outbox/" + to_text(some_outbox(choose.below(outboxes))) + "/op/" + choose.text()] = moved;
        return;
    }
    default: disk.erase(it); return;
    }
}

}  // namespace parley::fuzz
