#include "tests/unit/hub/hub_world.hpp"

#include "shared/base/assert.hpp"
#include "tests/support/catch.hpp"

namespace parley {
namespace {

template <class... Cases>
struct cases : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
cases(Cases...) -> cases<Cases...>;

template <class Answer>
void put(query_answered& out, result<Answer> got) {
    if (got) {
        out.answer = std::move(*got);
    } else {
        out.answer = got.error();
    }
}

}  // namespace

wire::op_reply hub_world::listener::reply_to(op_id op) const {
    wire::op_reply found;
    for (const auto& reply : all<wire::op_reply>()) {
        if (reply.op == op) found = reply;
    }
    return found;
}

std::string hub_world::listener::story() const {
    static constexpr const char* names[] = {"skipped", "welcome",  "room",       "page",      "event",
                                            "reply",   "op_reply", "watermark",  "truncated", "behind",
                                            "lost",    "pong",     "going_away", "error"};
    std::string told;
    for (const auto& frame : heard)
        told += (told.empty() ? "" : " ") + std::string{names[frame.index()]};
    return told;
}

hub_world::hub_world(hub_config config)
    : epoch(*store.raise_epoch(now.wall_ms, 7)),
      order(epoch, [this] { return now.mono_ms; }),
      core(std::move(config), random_source{1}, epoch, order.end()),
      position_(order.end()),
      writer_(epoch),
      writer_position_(order.end()) {}

op_id hub_world::fresh_op() {
    return {make_ulid(now.wall_ms, 0, ++next_op_)};
}

hub_world::listener& hub_world::connect(user_id user, const std::string& name,
                                        std::int64_t login_expires_ms) {
    auto& slot = listeners_[++next_handle_];
    slot = std::make_unique<listener>();
    slot->handle = next_handle_;
    slot->user = user;
    give(session_opened{
        slot->handle, {{3, slot->handle}}, {{4, user.value.lo}}, user, name, login_expires_ms});
    return *slot;
}

hub_world::listener& hub_world::greet(user_id user, const std::string& name) {
    auto& who = connect(user, name);
    say(who, wire::hello{protocol_version, user, {{5, 5}}, "test"});
    turn();
    turn();
    REQUIRE(who.last<wire::welcome>().user == user);
    return who;
}

void hub_world::close(listener& who) {
    give(session_closed{who.handle});
    who.closed = true;
}

void hub_world::send(const listener& who, const bytes& message) {
    give(message_arrived{who.handle, message});
}

op_id hub_world::offer(const listener& who, wire::op op) {
    if (op.id.is_zero()) op.id = fresh_op();
    say(who, op);
    return op.id;
}

op_id hub_world::post(const listener& who, room_id room, const std::string& text, op_id after) {
    wire::op op;
    op.room = room;
    op.text = text;
    op.after = after;
    return offer(who, op);
}

op_id hub_world::create(const listener& who, room_id room, const std::string& name) {
    wire::op op;
    op.room = room;
    op.kind = change_kind::create;
    op.name = name;
    return offer(who, op);
}

op_id hub_world::join(const listener& who, room_id room) {
    wire::op op;
    op.room = room;
    op.kind = change_kind::join;
    return offer(who, op);
}

op_id hub_world::leave(const listener& who, room_id room) {
    wire::op op;
    op.room = room;
    op.kind = change_kind::leave;
    return offer(who, op);
}

void hub_world::subscribe(const listener& who, room_id room, std::uint64_t seq, std::uint64_t of_epoch) {
    say(who, wire::subscribe{++next_request_, room, seq, of_epoch});
}

void hub_world::found(listener& who, room_id where) {
    create(who, where, "room");
    settle_all();
    subscribe(who, where);
    settle_all();
    who.heard.clear();
}

void hub_world::give(const hub_fact& fact) {
    moved_ = true;
    core.step(now, fact, effects);
    perform();
}

void hub_world::turn() {
    moved_ = false;
    while (answering && answer_next()) {
    }
    if (const auto due = core.deadline(); due && *due <= now.mono_ms) give(deadline_passed{});
    read_log();
    core.flush(now, effects);
    perform();
}

void hub_world::settle_all() {
    for (int i = 0; i < 200; ++i) {
        turn();
        bool more = moved_ || !queries.empty();
        if (storing && store_next()) more = true;
        if (!more && order.end().next == position_.next) return;
        if (!answering && !storing) return;
    }
    FAIL("it does not come to rest");
}

void hub_world::pass(std::int64_t ms) {
    now.mono_ms += ms;
    now.wall_ms += ms;
    turn();
}

void hub_world::read_log() {
    for (;;) {
        auto news = order.read(position_);
        position_ = news.position;
        if (!news.entries.empty()) moved_ = true;
        core.step(now, log_advanced{std::move(news.entries), news.gap, position_, order.end()}, effects);
        perform();
        if (!news.more) return;
    }
}

void hub_world::perform() {
    for (;;) {
        for (auto& asked : effects.queries) {
            queries.push_back(std::move(asked));
            ++queries_asked;
        }
        for (const auto& said : effects.answers) {
            REQUIRE(http.emplace(said.token, said.reply).second);
        }
        for (const auto& one : effects.marks)
            marks.push_back(one.mark);
        lines.insert(lines.end(), effects.lines.begin(), effects.lines.end());
        deliver();
        auto appends = std::exchange(effects.appends, {});
        const auto finds = std::exchange(effects.finds, {});
        effects.clear();
        if (appends.empty() && finds.empty()) return;
        REQUIRE(appends.size() <= 1);
        for (auto& one : appends) {
            judged_.push_back(*order.append(one.epoch, std::move(one.items), {}));
            if (!ordering) continue;
            core.step(now, judged_.front(), effects);
            judged_.pop_front();
        }
        for (const auto& one : finds) {
            core.step(now, changes_found{one.query, order.find(one.epoch, one.room, one.changes)}, effects);
        }
    }
}

void hub_world::deliver() {
    for (const auto& send : effects.sends) {
        auto& to = *listeners_.at(send.session);
        REQUIRE_FALSE(to.closed);
        for (const auto& message : send.messages) {
            ++to.messages;
            REQUIRE(message->wire_bytes()[0] == 0x82);
            REQUIRE(message->payload_size() <= limits::outgoing_bytes);
            wire::frame_reader frames{message->payload()};
            for (auto one = frames.next(); !one.empty(); one = frames.next()) {
                auto frame = wire::decode_down(one);
                REQUIRE(frame);
                to.heard.push_back(std::move(*frame));
            }
            REQUIRE_FALSE(frames.malformed());
        }
    }
    for (const auto& close : effects.closes) {
        auto& to = *listeners_.at(close.session);
        to.closed = true;
        to.code = close.code;
    }
}

bool hub_world::store_next() {
    committer_effects made;
    const auto news = order.read(writer_position_);
    writer_position_ = news.position;
    writer_.step(now, entries_logged{news.entries}, made);
    write(made);
    if (!to_write_) return false;
    const auto batch = *std::exchange(to_write_, {});
    committer_effects answered;
    writer_.step(now, commit_answered{store.commit(batch.batch, batch.voided)}, answered);
    write(answered);
    return true;
}

void hub_world::write(committer_effects& made) {
    for (const auto& settled : made.settles)
        order.settle(settled);
    if (made.write) to_write_ = std::move(made.write);
}

bool hub_world::answer_append() {
    if (judged_.empty()) return false;
    const auto answered = std::move(judged_.front());
    judged_.pop_front();
    give(answered);
    return true;
}

bool hub_world::answer_next() {
    if (queries.empty()) return false;
    const auto asked = std::move(queries.front());
    queries.pop_front();
    give(answer_of(asked));
    return true;
}

query_answered hub_world::answer_of(const query& asked) {
    query_answered out;
    out.query = asked.query;
    std::visit(cases{[&](const load_room& q) { put(out, store.load_room(q.room)); },
                     [&](const read_before& q) { put(out, store.read_before(q.room, q.before, q.limit)); },
                     [&](const read_after& q) { put(out, store.read_after(q.room, q.after, q.limit)); },
                     [&](const find_stored& q) { put(out, store.find(q.room, q.changes)); },
                     [&](const rooms_of& q) { put(out, store.rooms_of(q.user)); },
                     [&](const list_rooms& q) { put(out, store.list_rooms(q.user, q.key, q.limit)); },
                     [&](const list_members& q) { put(out, store.list_members(q.room, q.key, q.limit)); }},
               asked.ask);
    return out;
}

void hub_world::lose_backbone() {
    epoch = *store.raise_epoch(now.wall_ms, 11);
    order.begin(epoch);
}

}  // namespace parley
