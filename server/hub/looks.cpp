#include "server/hub/state.hpp"

namespace parley {

/// False while it is being looked for; then `what.found` tells, until it is taken.
bool hub::state::look_up(room& where, asker who, asked& what, std::vector<change_id> changes,
                         look::stage from, lane_wait& wait) {
    const bool ended =
        what.found && (what.found->at == look::stage::done || what.found->at == look::stage::failed);
    if (ended) return true;
    what.found = std::make_unique<look>();
    what.found->at = from;
    what.found->changes = std::move(changes);
    wait.why = lane_wait::reason::query;
    wait.query = from == look::stage::window ? ask_window(where, who, *what.found)
                                             : ask_store(where, who, *what.found);
    return false;
}

std::uint32_t hub::state::ask_window(const room& where, asker who, const look& look) {
    const auto number = ++last_query;
    questions.emplace(number, question{question::about::lane, where.id, who, {}});
    out->finds.push_back({number, epoch, where.id, look.changes});
    return number;
}

std::uint32_t hub::state::ask_store(const room& where, asker who, const look& look) {
    return query_store({question::about::lane, where.id, who, {}}, find_stored{where.id, look.changes});
}

lane* hub::state::lane_asking(room* where, asker who, std::uint32_t query) {
    auto* found = where ? where->lane_of(who) : nullptr;
    const bool asks = found && found->wait.why == lane_wait::reason::query && found->wait.query == query;
    return asks ? found : nullptr;
}

void hub::state::take(const changes_found& fact) {
    const auto asked_by = questions.extract(fact.query);
    if (!asked_by) return;
    auto* where = find_room(asked_by.mapped().where);
    auto* one = lane_asking(where, asked_by.mapped().who, fact.query);
    if (!one || one->queue.empty() || !one->queue.front().found) return;
    auto& look = *one->queue.front().found;
    look.window = fact.places;
    bool all_known = true;
    for (const auto& place : look.window)
        all_known &= place.seq != 0 && place.duplicate_of == 0;
    if (!all_known) {
        look.at = look::stage::store;
        one->wait.query = ask_store(*where, one->who, look);
        return;
    }
    look.at = look::stage::done;
    advance(*where, *one);
}

void hub::state::stored_found(const question& about, const query_answered& fact) {
    auto* where = find_room(about.where);
    auto* one = lane_asking(where, about.who, fact.query);
    if (!one || one->queue.empty() || !one->queue.front().found) return;
    auto& look = *one->queue.front().found;
    const auto* found = std::get_if<found_changes>(&fact.answer);
    if (found && found->places.size() == look.changes.size()) {
        look.stored = found->places;
        look.head = found->head;
        look.at = look::stage::done;
    } else {
        look.at = look::stage::failed;
    }
    advance(*where, *one);
}

bool hub::state::judge_settle(room& where, asker who, asked& what, const wire::settle& settle,
                              lane_wait& wait) {
    auto* to = find_session(who);
    wire::reply reply;
    reply.request = settle.request;
    reply.w = where.fold.w();
    if (!settle.ops.empty()) {
        std::vector<change_id> changes;
        for (const auto& op : settle.ops)
            changes.push_back({what.author, op});
        if (!look_up(where, who, what, std::move(changes), look::stage::window, wait)) return false;
        const auto found = std::exchange(what.found, nullptr);
        if (found->at == look::stage::failed) {
            reply.code = errc::unavailable;
        } else {
            for (std::size_t i = 0; i < settle.ops.size(); ++i)
                answer_settled(where, who, settle.ops[i], *found, i);
        }
    }
    speech.tell(where, *to, reply);
    return true;
}

/// What the store has at or below W is the verdict; else the window knows better.
void hub::state::answer_settled(room& where, asker who, op_id id, const look& found, std::size_t i) {
    standing at = found.window.empty() ? standing{} : found.window[i];
    if (!found.stored.empty()) {
        const auto& stored_at = found.stored[i];
        if (stored_at.seq != 0 && (at.seq == 0 || stored_at.seq <= where.fold.w())) at = stored_at;
    }
    wire::op op;
    op.id = id;
    op.room = where.id;
    op.kind = change_kind::nothing;
    if (at.seq != 0) return answer_standing(where, who, op, at);
    wire::op_reply unknown{id, where.id};
    answer(who, unknown);
}

}  // namespace parley
