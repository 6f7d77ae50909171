#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {
namespace {

constexpr std::size_t requests_waiting = 64;
constexpr std::size_t rooms_a_reply = 40;  // with the longest names and topics they fit one message

std::size_t limit_of(const wire::request& request, std::size_t most) {
    return request.limit == 0 ? most : std::min<std::size_t>(request.limit, most);
}

}  // namespace

void hub::state::take_request(session& who, wire::request request) {
    if (!who.requests) who.requests = std::make_unique<request_queue>();
    if (who.requests->waiting.size() >= requests_waiting) return refuse_request(who, request, errc::busy);
    who.requests->waiting.push_back(std::move(request));
    next_request(who);
}

void hub::state::next_request(session& who) {
    auto& queue = *who.requests;
    while (queue.query == 0 && !queue.waiting.empty()) {
        if (!start_request(who, queue.waiting.front())) return;
        queue.waiting.pop_front();
    }
}

/// False while the room is being loaded.
bool hub::state::start_request(session& who, const wire::request& request) {
    const question about{question::about::request, request.room, {who.handle}, request};
    if (request.ask == parley::question::rooms) {
        who.requests->query =
            query_store(about, list_rooms{who.user->id, request.key, limit_of(request, rooms_a_reply)});
        return true;
    }
    auto& where = wake(request.room);
    if (!where.awake()) {
        where.requesters.push_back(who.handle);
        return false;
    }
    rest(where);
    if (!where.fold.member(who.user->id)) {
        refuse_request(who, request, where.fold.exists() ? errc::not_member : errc::no_such_room);
        return true;
    }
    if (request.ask == parley::question::history) return start_history(who, request);
    if (request.ask == parley::question::members) {
        const auto limit = limit_of(request, limits::members_page);
        who.requests->query = query_store(about, list_members{request.room, request.key, limit});
        return true;
    }
    refuse_request(who, request, errc::malformed);
    return true;
}

/// From memory if all of the page is there.
bool hub::state::start_history(session& who, const wire::request& request) {
    auto& where = *find_room(request.room);
    const auto w = where.fold.w();
    const auto to = request.before == 0 ? w : std::min(request.before - 1, w);
    const auto limit = limit_of(request, limits::page_events);
    const auto from = to > limit ? to - limit : 0;
    if (from < where.fold.recent_from()) {
        who.requests->query = query_store({question::about::request, request.room, {who.handle}, request},
                                          read_before{request.room, to + 1, limit});
        return true;
    }
    loaded_page page;
    page.to = to;
    page.from = to;
    std::size_t size = 0;
    while (page.from > from && (size += where.fold.at(page.from)->text.size()) <= limits::page_bytes)
        --page.from;
    for (auto seq = page.from + 1; seq <= to; ++seq)
        page.events.push_back(*where.fold.at(seq));
    page.more = page.from > 0;
    tell_history(where, who, request, page);
    return true;
}

void hub::state::request_answered(const question& about, const query_answered& fact) {
    auto* who = sessions.find(about.who.id);
    if (!who || !who->requests || who->requests->query != fact.query) return;
    who->requests->query = 0;
    if (who->phase != session_phase::closing) answer_request(*who, about.request, fact);
    next_request(*who);
}

void hub::state::answer_request(session& who, const wire::request& request, const query_answered& fact) {
    wire::reply reply;
    reply.request = request.id;
    if (const auto* listed = std::get_if<listed_rooms>(&fact.answer)) {
        reply.rooms = listed->rooms;
        for (auto& each : reply.rooms) {
            each.epoch = epoch;
            each.may_leave = each.id != general_room;
        }
        reply.key = listed->key;
        reply.more = listed->more;
        return speech.tell(who, reply);
    }
    if (const auto* listed = std::get_if<listed_members>(&fact.answer)) {
        reply.members = listed->members;
        reply.key = listed->key;
        reply.more = listed->more;
        return speech.tell(who, reply);
    }
    const auto* page = std::get_if<loaded_page>(&fact.answer);
    if (!page) return refuse_request(who, request, errc::unavailable);
    // Authorised again: much may have happened since it was asked.
    auto* where = find_room(request.room);
    if (!where || !where->awake()) return refuse_request(who, request, errc::unavailable);
    if (!where->fold.member(who.user->id)) return refuse_request(who, request, errc::not_member);
    tell_history(*where, who, request, *page);
}

void hub::state::tell_history(room& where, session& who, const wire::request& request,
                              const loaded_page& page) {
    const auto w = where.fold.w();
    for (const auto& event : page.events) {
        if (event.seq <= w) speech.tell(where, who, event);
    }
    wire::reply reply;
    reply.request = request.id;
    reply.from = std::min(page.from, w);
    reply.to = std::min(page.to, w);
    reply.w = w;
    reply.more = page.more;
    speech.tell(where, who, reply);
}

void hub::state::refuse_request(session& who, const wire::request& request, errc code) {
    wire::reply reply;
    reply.request = request.id;
    reply.code = code;
    speech.tell(who, reply);
}

/// Receipts merge by maximum and follow W (L15).
void hub::state::take_receipt(session& who, const wire::receipt& receipt) {
    auto* where = find_room(receipt.room);
    if (!where || !where->awake() || !where->fold.member(who.user->id)) return;
    const auto read = std::min(receipt.read, where->fold.w());
    if (!who.user->mark_read(where->id, read)) return;
    out->marks.push_back({{who.user->id, where->id, read}});
    tell_membership(*where, who.user->id);
}

void hub::state::tell_pong(session& who) {
    who.pinged = false;
    speech.tell(who, wire::pong{who.ping, now.wall_ms, digest_for(who)});
}

}  // namespace parley
