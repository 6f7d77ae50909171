#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/idempotency.hpp"
#include "server/api/json_body.hpp"
#include "server/api/secrets.hpp"
#include "shared/wire/validate.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <limits>

/// Reading and sending messages.
namespace parley {

namespace {

namespace json = boost::json;

constexpr std::uint64_t most_seq = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t usual_limit = 50;

/// Which messages are asked for: those in (after, before), the newest of them unless `after` is given.
struct stretch {
    std::uint64_t before = 0;  ///< 0: no end
    std::uint64_t after = 0;
    bool forward = false;
    std::size_t limit = 0;
};

result<stretch> read_stretch(const std::string& query) {
    const auto before = number_of_query(query, "before", 1, most_seq, 0);
    if (!before) return tl::unexpected(before.error());
    constexpr auto none = most_seq + 1;
    const auto after = number_of_query(query, "after", 0, most_seq, none);
    if (!after) return tl::unexpected(after.error());
    const auto limit = number_of_query(query, "limit", 1, limits::http_messages, usual_limit);
    if (!limit) return tl::unexpected(limit.error());
    const bool forward = *after != none;
    return stretch{*before, forward ? *after : 0, forward, static_cast<std::size_t>(*limit)};
}

struct found_messages {
    std::vector<wire::event> events;  ///< oldest first
    bool more = false;                ///< in the direction that was asked for
};

void keep_messages(std::vector<wire::event>& from, std::vector<wire::event>& into) {
    for (auto& event : from) {
        if (event.kind == change_kind::message) into.push_back(std::move(event));
    }
}

/// Joins and voids lie between messages, so pages are read until there is one message more than asked for.
result<found_messages> read_backward(room_store& rooms, room_id room, const stretch& ask) {
    std::vector<wire::event> newest_first;
    auto before = ask.before;
    for (bool more = true; more && newest_first.size() <= ask.limit;) {
        auto page = rooms.read_before(room, before, limits::page_events);
        if (!page) return tl::unexpected(page.error());
        std::reverse(page->events.begin(), page->events.end());
        before = page->events.empty() ? 0 : page->events.back().seq;
        more = page->more && before > 1;
        keep_messages(page->events, newest_first);
    }
    found_messages found{std::move(newest_first), false};
    found.more = found.events.size() > ask.limit;
    if (found.more) found.events.resize(ask.limit);
    std::reverse(found.events.begin(), found.events.end());
    return found;
}

result<found_messages> read_forward(room_store& rooms, room_id room, const stretch& ask) {
    found_messages found;
    auto after = ask.after;
    for (bool more = true; more && found.events.size() <= ask.limit;) {
        auto page = rooms.read_after(room, after, limits::page_events);
        if (!page) return tl::unexpected(page.error());
        const auto end = page->events.empty() ? after : page->events.back().seq;
        more = page->more && end > after && (ask.before == 0 || end < ask.before);
        after = end;
        keep_messages(page->events, found.events);
    }
    if (ask.before != 0)
        std::erase_if(found.events, [&](const wire::event& event) { return event.seq >= ask.before; });
    found.more = found.events.size() > ask.limit;
    if (found.more) found.events.resize(ask.limit);
    return found;
}

json::object as_json(const wire::event& event) {
    return {{"id", to_text(event.id.op)},
            {"seq", event.seq},
            {"author", {{"id", to_text(event.id.author)}, {"username", event.author_name}}},
            {"text", event.text},
            {"time", event.time_ms}};
}

result<wire::op> read_message(const call& request, std::int64_t now_ms) {
    const auto body = parse_body(request.request.body);
    if (!body) return tl::unexpected(body.error());
    auto text = string_field(*body, "text");
    if (!text) return tl::unexpected(text.error());
    wire::op op;
    op.id = op_id{make_id(now_ms)};
    if (const auto* key = request.request.header("Idempotency-Key")) {
        const auto id = op_id_of_key(*key, request.who.user.id);
        if (!id) return tl::unexpected(id.error());
        op.id = *id;
        op.again = true;  // another copy of the request may be under way, whichever comes first
    }
    op.room = room_id{request.ids.at(0)};
    op.text = *std::move(text);
    if (auto fit = check_op(op); !fit) return tl::unexpected(fit.error());
    return op;
}

}  // namespace

void show_messages(api_context& api, call request) {
    const room_id room{request.ids.at(0)};
    const auto ask = read_stretch(request.request.query);
    if (!ask) return request.respond(error_answer(ask.error()));
    auto& rooms = api.ports.rooms;
    if (const auto member = check_member(rooms, room, request.who.user.id); !member)
        return request.respond(error_answer(member.error()));
    const auto found = ask->forward ? read_forward(rooms, room, *ask) : read_backward(rooms, room, *ask);
    if (!found) return request.respond(error_answer(found.error()));
    json::array list;
    for (const auto& event : found->events)
        list.push_back(as_json(event));
    request.respond(json_answer(200, {{"messages", std::move(list)}, {"more", found->more}}));
}

void send_message(api_context& api, call request) {
    auto op = read_message(request, api.wall_ms());
    if (!op) return request.respond(error_answer(op.error()));
    api.ports.hubs.post_op(
        request.who.user.id, request.who.user.name, *op,
        [respond = request.respond, id = op->id](const answer_http& answer) {
            const auto& reply = answer.reply;
            if (auto refusal = refusal_of(reply)) return respond(*std::move(refusal));
            respond(json_answer(answer.repeated ? 200 : 201,
                                {{"id", to_text(id)}, {"seq", reply.seq}, {"time", reply.time_ms}}));
        });
}

}  // namespace parley
