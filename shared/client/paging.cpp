#include "shared/base/limits.hpp"
#include "shared/client/sync.hpp"

#include <algorithm>
#include <utility>

/// Reading history. What is shown of a room is one stretch without a gap (decision 1): the end of the log,
/// or, where one reads farther back than is held together with that, a stretch of its own, which grows where
/// one reads and shrinks at its other end.
namespace parley {

namespace {

/// `from` and `to` bound what is shown.
void want(held_room& room, paging::direction towards, std::uint64_t from, std::uint64_t to) {
    auto& page = room.history;
    page.asks = asking::wanted;
    page.towards = towards;
    page.from = from;
    page.to = page.got_from = to;
    page.rows.clear();
    room.changed = true;
}

}  // namespace

void sync::load_older(held_room& room) {
    const auto from = room.shown().held_from();
    if (room.history.asks != asking::no || from == 0) return;
    if (!room.past && room.log.rows().size() + limits::page_events > config_.timeline_events) read_back(room);
    want(room, paging::direction::older, from - std::min<std::uint64_t>(from, limits::page_events), from);
}

void sync::load_newer(held_room& room) {
    if (room.history.asks != asking::no || !room.past) return;
    const auto from = room.past->w();
    want(room, paging::direction::newer, from,
         std::min<std::uint64_t>(from + limits::page_events, room.log.held_from()));
}

void sync::show_latest(held_room& room) {
    if (!room.past) return;
    room.history = {};
    room.past.reset();
    room.changed = true;
}

void sync::forget_history(held_room& room) {
    room.history = {};
    show_latest(room);
}

/// The end of the log is held on its own from here, and followed as before.
void sync::read_back(held_room& room) {
    room.past = std::make_unique<timeline>(room.log.split(limits::hidden_timeline_events));
}

void sync::say_history(instant now, held_room& room, upstream& up) {
    auto& page = room.history;
    page.asks = asking::asked;
    wire::request frame;
    frame.id = page.request = ask(now, asked_for::history, room.facts.id);
    frame.ask = question::history;
    frame.room = room.facts.id;
    frame.before = page.got_from + 1;
    frame.limit = static_cast<std::uint16_t>(page.got_from - page.from);
    up.say(frame);
}

void sync::history_answered(held_room& room, const wire::reply& frame) {
    auto& page = room.history;
    if (page.asks != asking::asked || frame.request != page.request) return;
    const bool brought = frame.code == errc::none && frame.to == page.got_from && frame.from < frame.to;
    if (!brought) {
        page = {};
        return;
    }
    page.got_from = std::max(frame.from, page.from);
    // What is older may come piece by piece; what is newer has to touch what is shown.
    if (page.towards == paging::direction::older) page.from = page.got_from;
    page.asks = asking::wanted;
    if (page.got_from > page.from) return;
    history_told(room);
    page = {};
}

void sync::history_told(held_room& room) {
    auto& page = room.history;
    auto& shown = room.past ? *room.past : room.log;
    if (page.towards == paging::direction::older) {
        (void)shown.extend(page.from, page.to, std::move(page.rows));
        if (room.past) room.past->trim_newest(config_.timeline_events);
        return;
    }
    if (!room.past || !room.past->append(page.from, page.to, std::move(page.rows))) return;
    room.past->trim(config_.timeline_events);
    if (room.past->w() < room.log.held_from()) return;
    (void)room.log.extend(room.past->held_from(), room.past->w(), room.past->take_rows());
    room.past.reset();
    room.log.trim(most_held(room));
}

}  // namespace parley
