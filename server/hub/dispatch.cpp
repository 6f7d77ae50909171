#include "server/hub/state.hpp"
#include "shared/wire/validate.hpp"

#include <algorithm>

namespace parley {
namespace {

template <class... Cases>
struct cases : Cases... {
    using Cases::operator()...;
};

template <class... Cases>
cases(Cases...) -> cases<Cases...>;

}  // namespace

void hub::state::take(const message_arrived& fact) {
    auto* who = sessions.find(fact.session);
    if (!who) return;
    wire::frame_reader frames{fact.message};
    for (auto one = frames.next(); !one.empty(); one = frames.next()) {
        if (who->phase == session_phase::closing) return;
        auto frame = wire::decode_up(one);
        if (!frame) return refuse(*who, frame.error(), close_code::policy_violation);
        hear(*who, std::move(*frame));
    }
    if (frames.malformed() && who->phase != session_phase::closing) {
        refuse(*who, {errc::malformed, "not a sequence of frames"}, close_code::policy_violation);
    }
}

void hub::state::hear(session& who, wire::frame_up frame) {
    const bool greeting = std::holds_alternative<wire::hello>(frame);
    if (who.phase == session_phase::opened && !greeting && !std::holds_alternative<wire::skipped>(frame)) {
        return refuse(who, {errc::out_of_order, "hello comes first"}, close_code::policy_violation);
    }
    const asker from{who.handle, false};
    const auto author = who.user->id;
    std::visit(cases{[](wire::skipped&) {},  //
                     [&](wire::hello& hello) { greet(who, hello); },
                     [&](wire::subscribe& sub) {
                         ask(wake(sub.room), from, {sub, author});
                     },
                     [&](wire::unsubscribe& unsub) {
                         if (auto* where = find_room(unsub.room)) {
                             end_live(*where, who);
                             end_reading(*where, who);
                         }
                     },
                     [&](wire::settle& settle) {
                         ask(wake(settle.room), from, {std::move(settle), author});
                     },
                     [&](wire::op& op) { take_op(from, author, std::move(op)); },
                     [&](wire::request& request) { take_request(who, std::move(request)); },
                     [&](wire::receipt& receipt) { take_receipt(who, receipt); },
                     [&](wire::ping& ping) {
                         who.ping = ping.n;
                         if (!std::exchange(who.pinged, true)) pinged.push_back(who.handle);
                     }},
               frame);
}

void hub::state::take(const http_op& fact) {
    auto& user = sessions.user(fact.user, fact.name, config);
    wire::op_reply unknown{fact.op.id, fact.op.room, 0, outcome::unknown, 0, 0, errc::outcome_unknown};
    if (http_ops.size() >= limits::hub_http_ops) {
        unknown.outcome = outcome::later;
        unknown.code = errc::busy;
        out->answers.push_back({fact.token, unknown});
        rest(user);
        return;
    }
    ++user.http_ops;
    http_ops.emplace(fact.token, http_pending{&user, unknown});
    http_deadlines.put(now.mono_ms, fact.token);
    take_op({fact.token, true}, fact.user, fact.op);
}

/// What can be told without the room is told at once. A repeat may have its place, however late it comes.
void hub::state::take_op(asker who, user_id author, wire::op op) {
    auto valid = check_op(op);
    const auto timely = check_op_id(op.id, now.wall_ms);
    if (valid && !timely && !op.again) valid = timely;
    if (!valid) return answer_rejected(who, op, valid.error().code);
    if (!accepting) return answer_later(who, op, errc::busy, busy_retry_ms);
    auto& where = wake(op.room);
    asked what{std::move(op), author};
    what.stale = !timely;
    ask(where, who, std::move(what));
}

void hub::state::ask(room& where, asker who, asked what) {
    auto* from = find_session(who);
    auto* behind = where.lanes.empty() || who.http ? nullptr : where.lane_of(who);
    if (behind && from->waiting_ops >= limits::session_waiting_ops)
        return refuse_asked(who, what, errc::busy);
    lane_wait wait;
    if (!behind) {
        if (judge(where, who, what, wait)) return rest(where);
        behind = where.lanes.emplace_back(std::make_unique<lane>()).get();
        behind->who = who;
        set_wait(where, *behind, wait);
    }
    drop_older_copy(*behind, what);
    behind->queue.push_back(std::move(what));
    if (from) ++from->waiting_ops;
}

/// Its author has gone back to it since, and hears the answer to the last offer alone. Not the first: it is
/// being judged.
void hub::state::drop_older_copy(lane& one, const asked& what) {
    if (!std::holds_alternative<wire::op>(what.what)) return;
    for (std::size_t i = 1; i < one.queue.size(); ++i) {
        if (!same_op(one.queue[i], what)) continue;
        one.queue.erase(one.queue.begin() + static_cast<std::ptrdiff_t>(i));
        if (auto* from = find_session(one.who)) --from->waiting_ops;
        return;
    }
}

bool hub::state::same_op(const asked& a, const asked& b) {
    const auto* one = std::get_if<wire::op>(&a.what);
    const auto* other = std::get_if<wire::op>(&b.what);
    return one && other && a.author == b.author && one->id == other->id;
}

bool hub::state::judge(room& where, asker who, asked& what, lane_wait& wait) {
    if (!where.awake() || lost) {
        wait.why = lane_wait::reason::load;
        return false;
    }
    if (auto* op = std::get_if<wire::op>(&what.what)) return judge_op(where, who, what, *op, wait);
    if (auto* sub = std::get_if<wire::subscribe>(&what.what))
        return judge_subscribe(where, who, what, *sub, wait);
    return judge_settle(where, who, what, std::get<wire::settle>(what.what), wait);
}

void hub::state::set_wait(room& where, lane& one, const lane_wait& wait) {
    one.wait = wait;
    if (wait.why == lane_wait::reason::log_end) reading_on.push_back(where.id);
}

/// Judging may end a resume, which advances further lanes of the room from inside: hence no lane is dropped
/// before the outermost is through.
void hub::state::advance(room& where, lane& one) {
    ++where.advancing;
    one.wait = {};
    while (!one.queue.empty()) {
        if (gone(one.who)) {
            one.queue.clear();
            break;
        }
        lane_wait wait;
        if (!judge(where, one.who, one.queue.front(), wait)) {
            set_wait(where, one, wait);
            break;
        }
        one.queue.pop_front();
        if (auto* from = find_session(one.who)) --from->waiting_ops;
    }
    --where.advancing;
    drop_empty_lanes(where);
}

void hub::state::advance(room& where, lane_wait::reason why) {
    if (where.lanes.empty()) return;
    ++where.advancing;
    for (std::size_t i = 0; i < where.lanes.size(); ++i) {
        auto& one = *where.lanes[i];
        const bool ready =
            one.wait.why == why && (why != lane_wait::reason::settled || one.wait.w <= where.fold.w());
        if (ready) advance(where, one);
    }
    --where.advancing;
    drop_empty_lanes(where);
}

void hub::state::drop_empty_lanes(room& where) {
    if (where.advancing > 0) return;
    std::erase_if(where.lanes, [](const auto& one) { return one->queue.empty(); });
    rest(where);
}

/// The room can't be loaded now.
void hub::state::refuse_waiting(room& where) {
    auto lanes = std::exchange(where.lanes, {});
    for (const auto& one : lanes) {
        for (auto& what : one->queue) {
            if (auto* from = find_session(one->who)) --from->waiting_ops;
            if (!gone(one->who)) refuse_asked(one->who, what, errc::unavailable);
        }
    }
}

void hub::state::refuse_asked(asker who, const asked& what, errc code) {
    if (const auto* op = std::get_if<wire::op>(&what.what)) {
        return answer_later(who, *op, errc::busy, busy_retry_ms);
    }
    auto* from = find_session(who);
    const auto* sub = std::get_if<wire::subscribe>(&what.what);
    wire::reply reply;
    reply.request = sub ? sub->request : std::get<wire::settle>(what.what).request;
    reply.code = code;
    if (from) speech.tell(*from, reply);
}

}  // namespace parley
