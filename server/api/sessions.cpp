#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/json_body.hpp"
#include "server/api/passwords.hpp"
#include "server/api/secrets.hpp"
#include "shared/base/utf8.hpp"
#include "shared/wire/validate.hpp"

#include <memory>

/// Signing in and out with a cookie.
namespace parley {

namespace {

struct credentials {
    std::string name;  ///< as accounts are named; empty if no account can have that name
    std::string password;
};

result<credentials> read_credentials(const http_request& request) {
    const auto body = parse_body(request.body);
    if (!body) return tl::unexpected(body.error());
    auto name = string_field(*body, "username");
    if (!name) return tl::unexpected(name.error());
    auto password = string_field(*body, "password");
    if (!password) return tl::unexpected(password.error());
    return credentials{check_user_name(*name).value_or(std::string{}), *std::move(password)};
}

std::string cookie_text(const address_rules& rules, const std::string& secret, std::int64_t seconds) {
    return std::string{rules.cookie_name()} + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict" +
           (rules.https() ? "; Secure" : "") + "; Max-Age=" + std::to_string(seconds);
}

/// Whoever signs in at a browser that is signed in leaves the old session behind.
void end_session_before(api_context& api, const http_request& request) {
    const auto secret = hash_secret(cookie_of(request, api.rules.cookie_name()));
    if (!secret) return;
    const auto before = api.ports.accounts.find_login(*secret, api.wall_ms());
    if (!before || !*before || (*before)->login.kind != login_kind::cookie) return;
    static_cast<void>(api.ports.accounts.end_login((*before)->user.id, (*before)->login.id));
    api.end_logins({(*before)->login.id});
}

void let_in(api_context& api, call request, const stored_user& user) {
    auto response = with_new_session(api, user_answer(200, user.id, user.name), user.id);
    if (!response) return request.respond(error_answer(response.error()));
    // Checking took its time. A login of the old password is one too many, but nobody has been given its
    // secret.
    const auto now = api.ports.accounts.find_user(user.id);
    if (!now) return request.respond(error_answer(now.error()));
    if (!*now || (*now)->disabled || (*now)->password_hash != user.password_hash)
        return request.respond(error_answer({errc::bad_credentials, {}}));
    end_session_before(api, request.request);
    api.log("sign_in", request, user.id, "signed in");
    join_general(api, user.id, user.name, {});
    request.respond(*std::move(response));
}

void refuse_for_now(const call& request, std::int64_t wait_ms) {
    request.respond(error_answer({errc::rate_limited, "too many failed attempts"}, wait_ms));
}

/// On a hasher. A user who does not exist, or may not, costs what a wrong password costs.
void check(api_context& api, call request, const credentials& given, const std::optional<stored_user>& user) {
    const auto wait = api.throttle.attempt(given.name, request.address, api.ports.now().mono_ms);
    if (wait > 0) return refuse_for_now(request, wait);
    const bool known = user && !user->disabled && !user->password_hash.empty();
    if (!known) verify_nobody(given.password);
    if (!known || !verify_password(user->password_hash, given.password)) {
        api.log("sign_in_failed", request, user ? user->id : user_id{}, "wrong name or password", true);
        return request.respond(error_answer({errc::bad_credentials, {}}));
    }
    api.throttle.succeeded(given.name, request.address);
    api.read(std::move(request), [&api, user = *user](call next) { let_in(api, std::move(next), user); });
}

}  // namespace

void sign_in(api_context& api, call request) {
    auto given = read_credentials(request.request);
    if (!given) return request.respond(error_answer(given.error()));
    if (const auto wait = api.throttle.wait(given->name, request.address, api.ports.now().mono_ms); wait > 0)
        return refuse_for_now(request, wait);
    // No account has a password like that, so nobody learns anything from a quick answer.
    if (count_code_points(given->password) > limits::password_max)
        return request.respond(error_answer({errc::bad_credentials, {}}));
    api.read(std::move(request), [&api, given = *std::move(given)](call next) {
        auto user = api.ports.accounts.find_user(given.name);
        if (!user) return next.respond(error_answer(user.error()));
        api.hash(std::move(next), [&api, given, user = *std::move(user)](call last) {
            check(api, std::move(last), given, user);
        });
    });
}

void show_session(api_context&, call request) {
    request.respond(user_answer(200, request.who.user.id, request.who.user.name));
}

void sign_out(api_context& api, call request) {
    const auto ended = api.ports.accounts.end_login(request.who.user.id, request.who.login.id);
    if (!ended) return request.respond(error_answer(ended.error()));
    api.end_logins({request.who.login.id});
    api.log("sign_out", request, request.who.user.id, "signed out");
    auto response = no_content();
    if (request.who.login.kind == login_kind::cookie)
        response.headers.emplace_back("Set-Cookie", cookie_text(api.rules, "", 0));
    request.respond(std::move(response));
}

http_response user_answer(int status, user_id id, const std::string& name) {
    return json_answer(status, {{"user", {{"id", to_text(id)}, {"username", name}}}});
}

result<http_response> with_new_session(api_context& api, http_response response, user_id user) {
    const auto now_ms = api.wall_ms();
    const auto secret = make_secret();
    stored_login login;
    login.id = login_id{make_id(now_ms)};
    login.user = user;
    login.kind = login_kind::cookie;
    login.created_ms = now_ms;
    login.expires_ms = now_ms + limits::cookie_login_ms;
    if (auto added = api.ports.accounts.add_login(login, *hash_secret(secret)); !added)
        return tl::unexpected(added.error());
    response.headers.emplace_back("Set-Cookie",
                                  cookie_text(api.rules, secret, limits::cookie_login_ms / 1000));
    return response;
}

}  // namespace parley
