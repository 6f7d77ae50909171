#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/idempotency.hpp"
#include "server/api/json_body.hpp"
#include "server/api/secrets.hpp"
#include "shared/wire/validate.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

/// Rooms and who is in them. Lists are read from the store; changes are ops and go through the user's hub.
namespace parley {

namespace {

namespace json = boost::json;

std::string_view name_of(room_kind kind) {
    switch (kind) {
    case room_kind::channel: return "channel";
    case room_kind::group: return "group";
    case room_kind::direct: return "direct";
    case room_kind::ephemeral: return "ephemeral";
    }
    return "channel";
}

json::object as_json(const wire::room& room) {
    return {{"id", to_text(room.id)}, {"name", room.name},       {"kind", name_of(room.kind)},
            {"topic", room.topic},    {"members", room.members}, {"joined", room.joined},
            {"head", room.head}};
}

/// All pages of a listing, up to `limits::http_list`. `ask(key)` reads one, `take(page)` keeps it.
template <class Ask, class Take>
result<bool> read_pages(Ask ask, Take take) {
    std::string key;
    for (std::size_t taken = 0; taken < limits::http_list;) {
        auto page = ask(key);
        if (!page) return tl::unexpected(page.error());
        taken += take(*page);
        if (!page->more) return false;
        key = page->key;
    }
    return true;
}

void answer_list(const call& request, std::string_view name, json::array list, const result<bool>& more) {
    if (!more) return request.respond(error_answer(more.error()));
    json::object body{{name, std::move(list)}};
    if (*more) body["more"] = true;
    request.respond(json_answer(200, body));
}

result<wire::op> read_create(const call& request, std::int64_t now_ms) {
    const auto body = parse_body(request.request.body);
    if (!body) return tl::unexpected(body.error());
    auto name = string_field(*body, "name");
    if (!name) return tl::unexpected(name.error());
    auto topic = optional_field(*body, "topic");
    if (!topic) return tl::unexpected(topic.error());
    wire::op op;
    op.id = op_id{make_id(now_ms)};
    if (const auto* key = request.request.header("Idempotency-Key")) {
        const auto id = op_id_of_key(*key, request.who.user.id);
        if (!id) return tl::unexpected(id.error());
        op.id = *id;
        op.again = true;  // another copy of the request may be under way, whichever comes first
    }
    op.room = room_id_of(op.id, request.who.user.id);
    op.kind = change_kind::create;
    op.name = *std::move(name);
    op.text = topic->value_or("");
    if (auto fit = check_op(op); !fit) return tl::unexpected(fit.error());
    return op;
}

/// A join or leave; both may be repeated and say the same.
void move(api_context& api, call request, change_kind kind) {
    wire::op op;
    op.id = op_id{make_id(api.wall_ms())};
    op.room = room_id{request.ids.at(0)};
    op.kind = kind;
    const bool joins = kind == change_kind::join;
    json::object body{{"id", to_text(op.room)}, {"joined", joins}};
    api.ports.hubs.post_op(request.who.user.id, request.who.user.name, std::move(op),
                           [respond = request.respond, body = std::move(body)](const answer_http& answer) {
                               auto refusal = refusal_of(answer.reply);
                               respond(refusal ? *std::move(refusal) : json_answer(200, body));
                           });
}

}  // namespace

void show_rooms(api_context& api, call request) {
    json::array list;
    const auto ask = [&](const std::string& key) {
        return api.ports.rooms.list_rooms(request.who.user.id, key, limits::rooms_page);
    };
    const auto more = read_pages(ask, [&](const listed_rooms& page) {
        for (const auto& room : page.rooms)
            list.push_back(as_json(room));
        return page.rooms.size();
    });
    answer_list(request, "rooms", std::move(list), more);
}

void create_room(api_context& api, call request) {
    auto op = read_create(request, api.wall_ms());
    if (!op) return request.respond(error_answer(op.error()));
    wire::room made;
    made.id = op->room;
    made.name = op->name;
    made.topic = op->text;
    made.members = 1;
    made.joined = true;
    api.ports.hubs.post_op(request.who.user.id, request.who.user.name, *std::move(op),
                           [respond = request.respond, made](const answer_http& answer) mutable {
                               if (auto refusal = refusal_of(answer.reply))
                                   return respond(*std::move(refusal));
                               made.head = answer.reply.seq;
                               respond(json_answer(answer.repeated ? 200 : 201, as_json(made)));
                           });
}

void join_room(api_context& api, call request) {
    move(api, std::move(request), change_kind::join);
}

void leave_room(api_context& api, call request) {
    move(api, std::move(request), change_kind::leave);
}

void show_members(api_context& api, call request) {
    const room_id room{request.ids.at(0)};
    if (const auto member = check_member(api.ports.rooms, room, request.who.user.id); !member)
        return request.respond(error_answer(member.error()));
    json::array list;
    const auto ask = [&](const std::string& key) {
        return api.ports.rooms.list_members(room, key, limits::members_page);
    };
    const auto more = read_pages(ask, [&](const listed_members& page) {
        for (const auto& member : page.members)
            list.push_back(json::object{{"id", to_text(member.user)}, {"username", member.name}});
        return page.members.size();
    });
    answer_list(request, "members", std::move(list), more);
}

void join_general(api_context& api, user_id user, const std::string& name, std::function<void()> done) {
    wire::op op;
    op.id = op_id{make_id(api.wall_ms())};
    op.room = general_room;
    op.kind = change_kind::join;
    api.ports.hubs.post_op(user, name, std::move(op), [done = std::move(done)](const answer_http&) {
        if (done) done();
    });
}

result<void> check_member(room_store& rooms, room_id room, user_id user) {
    const auto joined = rooms.rooms_of(user);
    if (!joined) return tl::unexpected(joined.error());
    const auto is_it = [room](const wire::room& other) { return other.id == room; };
    if (std::any_of(joined->begin(), joined->end(), is_it)) return {};
    const auto loaded = rooms.load_room(room);
    if (!loaded) return tl::unexpected(loaded.error());
    return fail(loaded->exists ? errc::not_member : errc::no_such_room);
}

}  // namespace parley
