#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/secrets.hpp"

#include <boost/json/array.hpp>

/// Invitations: links that are good for one account and seven days, made by owner and admins.
namespace parley {

namespace {

namespace json = boost::json;

/// False: it has answered already.
bool may_invite(const call& request) {
    if (request.who.user.role != user_role::member) return true;
    request.respond(error_answer({errc::forbidden, "owner and admins invite"}));
    return false;
}

}  // namespace

void create_invite(api_context& api, call request) {
    if (!may_invite(request)) return;
    const auto now_ms = api.wall_ms();
    const auto others = api.ports.accounts.list_invites(now_ms);
    if (!others) return request.respond(error_answer(others.error()));
    if (others->size() >= limits::invites)
        return request.respond(error_answer({errc::forbidden, "too many invitations wait to be used"}));

    const auto secret = make_secret();
    const stored_invite invite{login_id{make_id(now_ms)}, request.who.user.id, now_ms,
                               now_ms + limits::invite_ms};
    if (const auto added = api.ports.accounts.add_invite(invite, *hash_secret(secret)); !added)
        return request.respond(error_answer(added.error()));
    api.log("create_invite", request, request.who.user.id, "made an invitation");
    const auto url = api.rules.origin_of(request.request) + "/#invite=" + secret;
    request.respond(json_answer(201, {{"id", to_text(invite.id)}, {"url", url}}));
}

void list_invites(api_context& api, call request) {
    if (!may_invite(request)) return;
    const auto invites = api.ports.accounts.list_invites(api.wall_ms());
    if (!invites) return request.respond(error_answer(invites.error()));
    json::array list;
    for (const auto& invite : *invites)
        list.push_back(json::object{
            {"id", to_text(invite.id)}, {"created", invite.created_ms}, {"expires", invite.expires_ms}});
    request.respond(json_answer(200, {{"invites", std::move(list)}}));
}

void delete_invite(api_context& api, call request) {
    if (!may_invite(request)) return;
    const auto dropped = api.ports.accounts.drop_invite(login_id{request.ids.at(0)});
    if (!dropped) return request.respond(error_answer(dropped.error()));
    if (!*dropped) return request.respond(error_answer({errc::not_found, {}}));
    api.log("delete_invite", request, request.who.user.id, "withdrew an invitation");
    request.respond(no_content());
}

}  // namespace parley
