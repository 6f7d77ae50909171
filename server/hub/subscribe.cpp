#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {

bool hub::state::judge_subscribe(room& where, asker who, asked& what, wire::subscribe& sub, lane_wait& wait) {
    auto& to = *find_session(who);
    const auto person = where.fold.standing_of(what.author);
    if (where.reader_of(to)) {
        wait.why = lane_wait::reason::resume;
        return false;
    }
    if (where.join_asked(what.author)) {
        wait.why = lane_wait::reason::answer;
        return false;
    }
    if (person.joining != 0) {
        wait.why = lane_wait::reason::settled;
        wait.w = person.joining;
        return false;
    }
    if (!where.fold.member(what.author)) {
        if (!std::exchange(what.read_on, true)) {
            wait.why = lane_wait::reason::log_end;
            return false;
        }
        refuse_asked(who, what, where.fold.exists() ? errc::not_member : errc::no_such_room);
        return true;
    }
    if (!judge_cursor(where, who, what, sub, wait)) return false;
    if (to.live.size() + to.reading.size() >= limits::subscriptions && !to.lives_in(where)) {
        refuse_asked(who, what, errc::too_large);
        return true;
    }
    end_live(where, to);
    where.readers.push_back({&to, sub.request, sub.seq, sub.epoch});
    to.reading.push_back(&where);
    note(log_line::level::debug, "subscribe", who, where.id);
    read_on(where, to);
    return true;
}

/// A cursor ahead of W is waited for if the store holds its place: W is on its way then (L11).
bool hub::state::judge_cursor(room& where, asker who, asked& what, wire::subscribe& sub, lane_wait& wait) {
    if (sub.seq <= where.fold.w()) return true;
    if (!std::exchange(what.read_on, true)) {
        wait.why = lane_wait::reason::log_end;
        return false;
    }
    if (what.stored_head == 0) {
        wait.why = lane_wait::reason::query;
        wait.query =
            query_store({question::about::cursor, where.id, who, {}}, read_after{where.id, sub.seq, 1});
        return false;
    }
    if (what.stored_head >= sub.seq) {
        wait.why = lane_wait::reason::settled;
        wait.w = sub.seq;
        return false;
    }
    sub.seq = sub.epoch = 0;
    return true;
}

void hub::state::cursor_read(const question& about, const query_answered& fact) {
    auto* where = find_room(about.where);
    auto* one = lane_asking(where, about.who, fact.query);
    if (!one || one->queue.empty()) return;
    auto& what = one->queue.front();
    if (const auto* page = std::get_if<loaded_page>(&fact.answer)) {
        what.stored_head = std::max<std::uint64_t>(page->head, 1);
    } else {
        refuse_asked(one->who, what, errc::unavailable);
        one->queue.pop_front();
        if (auto* from = find_session(one->who)) --from->waiting_ops;
    }
    advance(*where, *one);
}

/// From here on it gets what the room says; it knows the room up to W.
void hub::state::make_live(room& where, session& who) {
    speech.close(where);
    where.live.push_back({&who, where.fold.w()});
    who.live.push_back(&where);
}

void hub::state::end_live(room& where, session& who) {
    auto* one = where.subscriber_of(who);
    if (!one) return;
    speech.close(where);
    *one = where.live.back();
    where.live.pop_back();
    std::erase(who.live, &where);
    rest(where);
}

void hub::state::end_reading(room& where, session& who, errc code) {
    const auto* one = where.reader_of(who);
    if (!one) return;
    if (one->request != 0) {
        wire::reply reply;
        reply.request = one->request;
        reply.code = code;
        speech.tell(where, who, reply);
    } else if (is_transient(code)) {
        speech.tell(where, who, wire::behind{where.id});  // it never asked, so no reply would tell it
    }
    where.readers.erase(where.readers.begin() + (one - where.readers.data()));
    std::erase(who.reading, &where);
    advance(where, lane_wait::reason::resume);
    rest(where);
}

void hub::state::end_following(room& where, session& who, errc code) {
    end_live(where, who);
    end_reading(where, who, code);
}

}  // namespace parley
