#include "server/hub/state.hpp"

#include <algorithm>

/// A resume tells what is committed above the cursor, from memory where it can, else in chunks from the
/// store; then the watermark, what is provisional, and its end. What happens meanwhile is in the room's
/// memory by then, so nothing is buffered.
namespace parley {
namespace {

/// Half of what makes a session fall behind: the next chunk waits.
bool over_budget(const session& who) {
    return who.unsent + who.turn_bytes >= limits::unsent_behind_bytes / 2;
}

}  // namespace

void hub::state::read_on(room& where, session& who) {
    auto* one = where.reader_of(who);
    if (!one || one->query != 0 || !where.awake()) return;
    if (over_budget(who)) return pause(*one);
    if (!one->started && !start_reading(where, *one)) return;
    while (one->at < where.fold.w()) {
        const auto* event = where.fold.at(one->at + 1);
        if (!event) {
            one->query = query_store({question::about::page, where.id, {who.handle}, {}},
                                     read_after{where.id, one->at, limits::page_events});
            return;
        }
        if (over_budget(who)) return pause(*one);
        speech.tell(where, who, *event);
        ++one->at;
    }
    finish_reading(where, who);
}

void hub::state::pause(reader& one) {
    one.paused = true;
    paused.insert(one.who->handle);
}

void hub::state::read_all_on(room& where) {
    std::vector<session*> all;
    for (const auto& one : where.readers)
        all.push_back(one.who);
    for (auto* who : all)
        read_on(where, *who);
}

/// False while the store is asked whether the cursor is of this history.
bool hub::state::start_reading(room& where, reader& one) {
    const auto w = where.fold.w();
    if (one.truncated) {
        speech.tell(where, *one.who, wire::truncated{where.id, epoch, std::min(one.at, w)});
        one.at = std::min(one.at, w);
        one.started = true;
        return true;
    }
    const bool snapshot = one.at == 0 || one.at > w || w - one.at > limits::resume_events;
    if (!snapshot) {
        const auto* event = where.fold.at(one.at);
        if (!event) {
            one.query = query_store({question::about::page, where.id, {one.who->handle}, {}},
                                    read_after{where.id, one.at, limits::page_events});
            return false;
        }
        begin_page(where, one, event->epoch != one.cursor_epoch);
        return true;
    }
    begin_page(where, one, true);
    return true;
}

void hub::state::begin_page(room& where, reader& one, bool fresh) {
    const auto w = where.fold.w();
    if (fresh) one.at = w > limits::snapshot_events ? w - limits::snapshot_events : 0;
    if (!one.started) speech.tell(where, *one.who, describe(where, *one.who->user));
    one.started = true;
    one.bytes = 0;
    speech.tell(where, *one.who, wire::page{one.request, where.id, one.at, fresh, epoch});
}

void hub::state::page_read(const question& about, const query_answered& fact) {
    auto* where = find_room(about.where);
    auto* who = sessions.find(about.who.id);
    auto* one = where && who ? where->reader_of(*who) : nullptr;
    if (!one || one->query != fact.query) return;
    one->query = 0;
    const auto* page = std::get_if<loaded_page>(&fact.answer);
    if (!page || !take_page(*where, *one, *page)) return end_reading(*where, *who, errc::unavailable);
    read_on(*where, *who);
}

/// As much of it as the session may be told now; the rest is asked for again. False if it brings nothing: the
/// store lacks what it has acknowledged.
bool hub::state::take_page(room& where, reader& one, const loaded_page& page) {
    if (!one.started) {
        begin_page(where, one, page.cursor_epoch != one.cursor_epoch);
        if (page.cursor_epoch != one.cursor_epoch) return true;
    }
    const auto before = one.at;
    for (const auto& event : page.events) {
        if (event.seq != one.at + 1 || event.seq > where.fold.w()) continue;
        if (one.at > before && over_budget(*one.who)) break;
        speech.tell(where, *one.who, event);
        one.bytes += event.text.size();
        ++one.at;
    }
    if (one.bytes > limits::resume_bytes && !one.truncated) begin_page(where, one, true);
    return one.at > before || one.at >= where.fold.recent_from();
}

void hub::state::finish_reading(room& where, session& who) {
    const auto request = where.reader_of(who)->request;
    const auto w = where.fold.w();
    speech.tell(where, who, wire::watermark{where.id, epoch, w, {}});
    for (auto seq = w + 1; seq <= where.fold.head(); ++seq)
        speech.tell(where, who, *where.fold.at(seq));
    wire::reply reply;
    reply.request = request;
    reply.to = where.fold.head();
    reply.w = w;
    speech.tell(where, who, reply);
    std::erase_if(where.readers, [&](const reader& one) { return one.who == &who; });
    std::erase(who.reading, &where);
    make_live(where, who);
    advance(where, lane_wait::reason::resume);
}

/// Whether a reader paused only because of what was said in the turn that ends now.
bool hub::state::may_resume() {
    return std::any_of(paused.begin(), paused.end(), [&](session_handle handle) {
        const auto* who = sessions.find(handle);
        return who && !over_budget(*who);
    });
}

void hub::state::resume_paused(session& who) {
    if (over_budget(who) || paused.erase(who.handle) == 0) return;
    const auto rooms_read = who.reading;
    for (auto* where : rooms_read) {
        auto* one = where->reader_of(who);
        if (one && std::exchange(one->paused, false)) read_on(*where, who);
    }
}

void hub::state::resume_paused() {
    const std::vector<session_handle> waiting{paused.begin(), paused.end()};
    for (const auto handle : waiting) {
        if (auto* who = sessions.find(handle)) resume_paused(*who);
    }
}

}  // namespace parley
