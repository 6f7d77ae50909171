#include "shared/wire/codec.hpp"
#include "tests/fuzz/hub_stage.hpp"

#include <array>
#include <type_traits>

namespace parley::fuzz {
namespace {

constexpr std::size_t listeners_most = 12;
constexpr std::array<std::int64_t, 8> spans_ms{0, 1, 10, 100, 500, 1'000, 5'000, 61'000};
constexpr std::array<std::size_t, 4> unsent_bytes{0, 1'000, 100'000, 300'000};

}  // namespace

void hub_stage::act(choices& choose) {
    const auto what = choose.below(22);
    switch (what) {
    case 0: return open(choose);
    case 1: return flush();
    case 2: return read_log();
    case 3: return ask_order();
    case 4: return pass(spans_ms[choose.below(spans_ms.size())]);
    case 5: return commit(choose);
    case 6: return answer_query(0, false);
    case 7: return answer_query(choose.below(4), choose.below(4) == 3);
    case 8: return post(choose);
    case 9:
        if (choose.below(8) == 7) lose_backbone();
        return;
    case 10: return skip_log();
    case 11: return feed(logins_ended{{{{1, choose.below(listeners_most)}}}});
    case 12: return settle_down(1 + static_cast<int>(choose.below(4)));
    default: break;
    }
    auto* who = some_listener(choose);
    if (!who) return open(choose);
    if (what == 13) return close(*who);
    if (what == 14)
        return feed(session_unsent{who->handle(), unsent_bytes[choose.below(unsent_bytes.size())]});
    if (what == 15) return say_raw(*who, choose);
    say(*who, choose);
}

hub_listener* hub_stage::some_listener(choices& choose) {
    std::vector<hub_listener*> open;
    for (const auto& [handle, who] : listeners_)
        if (who->open()) open.push_back(who.get());
    return open.empty() ? nullptr : open[choose.below(open.size())];
}

void hub_stage::open(choices& choose) {
    const auto how = choose.byte();
    if (listeners_.size() >= listeners_most) return;
    const auto user = some_user(how % users);
    const auto handle = ++last_handle_;
    auto& who = *(listeners_[handle] = std::make_unique<hub_listener>(handle, user));
    who.words.time_ms = now_.wall_ms;
    who.words.epoch = epoch_;
    feed(session_opened{handle, {{3, handle}}, {{1, handle}}, user, "ann"});
    if (how >= 0xe0) return;  // without a hello
    bytes message;
    wire::append(message, wire::hello{protocol_version, user, {{5, 5}}, "fuzz"});
    feed(message_arrived{handle, message});
}

void hub_stage::say(hub_listener& who, choices& choose) {
    bytes message;
    who.words.time_ms = now_.wall_ms;
    for (auto n = 1 + choose.below(4); n > 0; --n) {
        const auto frame = a_frame_up(choose, who.words);
        std::visit(
            [&](const auto& known) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(known)>, wire::skipped>)
                    wire::append(message, known);
            },
            frame);
        who.says(frame);
    }
    feed(message_arrived{who.handle(), message});
}

void hub_stage::say_raw(hub_listener& who, choices& choose) {
    const auto raw = choose.take(choose.byte());
    const bytes message(raw.begin(), raw.end());
    if (!message.empty()) feed(message_arrived{who.handle(), message});
}

void hub_stage::post(choices& choose) {
    wire::op op;
    op.id = an_op(choose, http_words_);
    op.room = a_room(choose);
    op.kind = static_cast<change_kind>(choose.below(6));
    op.again = choose.flag();
    op.name = choose.flag() ? "room" : choose.text();
    op.text = choose.flag() ? "hello" : choose.text();
    http_words_.saw(op.id);
    tokens_.insert(++last_token_);
    feed(http_op{last_token_, some_user(choose.below(users)), "ann", op});
}

/// Everybody is in two rooms and follows them.
void hub_stage::begin_in_company() {
    for (std::uint8_t n = 0; n < users; ++n) {
        choices known{{&n, 1}};
        open(known);
    }
    for (const auto& [handle, who] : listeners_) {
        bytes message;
        for (std::size_t n = 0; n < 2; ++n) {
            wire::op op;
            op.id = {make_ulid(now_.wall_ms, 1, n)};
            op.room = some_room(n);
            op.kind = handle == 1 ? change_kind::create : change_kind::join;
            op.name = "room";
            wire::append(message, op);
            wire::append(message, wire::subscribe{static_cast<std::uint32_t>(n + 1), op.room, 0, 0});
        }
        feed(message_arrived{handle, message});
        settle_down(6);
    }
}

/// The committer reads on, and what it wants written is written, refused, fails, or was written by a commit
/// of which nobody heard.
void hub_stage::commit(choices& choose) {
    const auto news = order_.read(writer_position_);
    writer_position_ = news.position;
    if (!news.entries.empty()) step_committer(entries_logged{news.entries});
    if (!to_write_) return;
    const auto what = *std::exchange(to_write_, {});
    const auto how = choose.below(12);
    commit_outcome outcome{commit_outcome::kind::failed, {}, "away"};
    if (how == 11 && what.voided.size() < what.batch.events.size()) {
        outcome.what = commit_outcome::kind::row_refused;
    } else if (how != 10) {
        outcome = store_.commit(what.batch, what.voided);
        if (how == 9 && outcome.what == commit_outcome::kind::committed)
            outcome = {commit_outcome::kind::failed, {}, "unheard"};
    }
    step_committer(commit_answered{outcome});
}

}  // namespace parley::fuzz
