#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/json_body.hpp"
#include "server/api/secrets.hpp"
#include "shared/base/utf8.hpp"
#include "shared/wire/validate.hpp"

#include <boost/json/array.hpp>

/// Bearer tokens: how programs sign in.
namespace parley {

namespace {

namespace json = boost::json;

result<std::string> read_name(const http_request& request) {
    const auto body = parse_body(request.body);
    if (!body) return tl::unexpected(body.error());
    auto name = string_field(*body, "name");
    if (!name) return name;
    const auto length = count_code_points(*name);
    if (length < 1 || length > limits::token_name_code_points)
        return fail(errc::bad_name, "a token's name has 1 to 64 characters");
    return name;
}

}  // namespace

void create_token(api_context& api, call request) {
    const auto name = read_name(request.request);
    if (!name) return request.respond(error_answer(name.error()));
    const auto user = request.who.user.id;
    const auto others = api.ports.accounts.list_tokens(user);
    if (!others) return request.respond(error_answer(others.error()));
    if (others->size() >= limits::tokens_per_user)
        return request.respond(error_answer({errc::forbidden, "a user has at most 100 tokens"}));

    const auto secret = make_secret();
    stored_login login;
    login.created_ms = api.wall_ms();
    login.id = login_id{make_id(login.created_ms)};
    login.user = user;
    login.kind = login_kind::token;
    login.name = *name;
    if (const auto added = api.ports.accounts.add_login(login, *hash_secret(secret)); !added)
        return request.respond(error_answer(added.error()));
    api.log("create_token", request, user, "made a token");
    request.respond(json_answer(201, {{"id", to_text(login.id)}, {"token", secret}}));
}

void list_tokens(api_context& api, call request) {
    const auto tokens = api.ports.accounts.list_tokens(request.who.user.id);
    if (!tokens) return request.respond(error_answer(tokens.error()));
    json::array list;
    for (const auto& token : *tokens)
        list.push_back(
            json::object{{"id", to_text(token.id)}, {"name", token.name}, {"created", token.created_ms}});
    request.respond(json_answer(200, {{"tokens", std::move(list)}}));
}

void delete_token(api_context& api, call request) {
    const login_id id{request.ids.at(0)};
    const auto user = request.who.user.id;
    const auto tokens = api.ports.accounts.list_tokens(user);
    if (!tokens) return request.respond(error_answer(tokens.error()));
    const bool is_token =
        std::any_of(tokens->begin(), tokens->end(), [id](const auto& t) { return t.id == id; });
    if (!is_token) return request.respond(error_answer({errc::not_found, {}}));
    const auto ended = api.ports.accounts.end_login(user, id);
    if (!ended) return request.respond(error_answer(ended.error()));
    api.end_logins({id});
    api.log("delete_token", request, user, "ended a token");
    request.respond(no_content());
}

}  // namespace parley
