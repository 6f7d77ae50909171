#include "server/api/api.hpp"

#include "server/api/answers.hpp"
#include "server/api/authentication.hpp"
#include "server/api/handlers.hpp"
#include "server/api/registration.hpp"
#include "server/api/router.hpp"
#include "server/api/secrets.hpp"

#include <array>
#include <atomic>
#include <iterator>
#include <utility>

namespace parley {

namespace {

enum class access : std::uint8_t { anyone, signed_in };
enum class where : std::uint8_t { front, reader };

struct route {
    route_key key;
    access may;
    where runs;
    void (*handle)(api_context&, call);
};

void show_condition(const health_answer& now, const std::string& json, call request) {
    http_response response;
    response.status = now.well ? 200 : 503;
    response.body = json;
    response.headers.emplace_back("Cache-Control", "no-store");
    if (!now.well) response.headers.emplace_back("Retry-After", "5");
    request.respond(std::move(response));
}

void show_health(api_context& api, call request) {
    const auto now = api.ports.health();
    show_condition(now, now.json, std::move(request));
}

void show_readiness(api_context& api, call request) {
    const auto now = api.ports.health();
    show_condition(now, now.ready, std::move(request));
}

constexpr route routes[] = {
    {{"GET", "/health"}, access::anyone, where::front, show_health},
    {{"GET", "/ready"}, access::anyone, where::front, show_readiness},
    {{"POST", "/api/accounts"}, access::anyone, where::front, create_account},
    {{"POST", "/api/session"}, access::anyone, where::front, sign_in},
    {{"GET", "/api/session"}, access::signed_in, where::front, show_session},
    {{"DELETE", "/api/session"}, access::signed_in, where::reader, sign_out},
    {{"POST", "/api/tokens"}, access::signed_in, where::reader, create_token},
    {{"GET", "/api/tokens"}, access::signed_in, where::reader, list_tokens},
    {{"DELETE", "/api/tokens/*"}, access::signed_in, where::reader, delete_token},
    {{"POST", "/api/invites"}, access::signed_in, where::reader, create_invite},
    {{"GET", "/api/invites"}, access::signed_in, where::reader, list_invites},
    {{"DELETE", "/api/invites/*"}, access::signed_in, where::reader, delete_invite},
    {{"GET", "/api/rooms"}, access::signed_in, where::reader, show_rooms},
    {{"POST", "/api/rooms"}, access::signed_in, where::front, create_room},
    {{"POST", "/api/rooms/*/join"}, access::signed_in, where::front, join_room},
    {{"POST", "/api/rooms/*/leave"}, access::signed_in, where::front, leave_room},
    {{"GET", "/api/rooms/*/members"}, access::signed_in, where::reader, show_members},
    {{"GET", "/api/rooms/*/messages"}, access::signed_in, where::reader, show_messages},
    {{"POST", "/api/rooms/*/messages"}, access::signed_in, where::front, send_message},
};

constexpr auto keys = [] {
    std::array<route_key, std::size(routes)> all{};
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = routes[i].key;
    return all;
}();

/// `request.who` is known: the handler runs where it belongs.
void run(api_context& api, call request, const route& to, bool on_reader) {
    if (to.runs == where::reader && !on_reader)
        return api.read(std::move(request), [&](call next) { to.handle(api, std::move(next)); });
    to.handle(api, std::move(request));
}

void authenticate(api_context& api, call request, const route& to) {
    const auto shown = presented_by(request.request, api.rules);
    if (!shown) return request.respond(error_answer({errc::unauthenticated, {}}));
    if (const auto who = find_cached(api, *shown)) {
        request.who = *who;
        return run(api, std::move(request), to, false);
    }
    api.read(std::move(request), [&api, &to, shown = *shown](call next) {
        const auto who = read_login(api, shown);
        if (!who) return next.respond(error_answer(who.error()));
        next.who = *who;
        run(api, std::move(next), to, true);
    });
}

/// What changes something comes from our own page or from a program, and is JSON if it says anything.
result<void> check_change(const address_rules& rules, const http_request& request) {
    if (request.method == "GET" || request.method == "HEAD") return {};
    if (auto ours = rules.check_origin(request); !ours) return ours;
    const auto* type = request.header("Content-Type");
    if (!type && request.body.empty()) return {};
    if (!type) return fail(errc::unsupported_media);
    const auto essence = std::string_view{*type}.substr(0, type->find_first_of("; \t"));
    if (!same_header(essence, "application/json")) return fail(errc::unsupported_media);
    return {};
}

http_response not_routed(const routed& to, const std::string& method) {
    if (to.what == routed::how::no_such_path) return error_answer({errc::not_found, {}});
    auto response =
        method == "OPTIONS" ? no_content() : error_answer({errc::method_not_allowed, "allowed: " + to.allow});
    response.headers.emplace_back("Allow", to.allow);
    return response;
}

/// Answers once even if a handler fails after it has answered.
http_respond once(http_respond respond) {
    auto done = std::make_shared<std::atomic_flag>();
    return [done, respond = std::move(respond)](http_response response) {
        if (!done->test_and_set()) respond(std::move(response));
    };
}

}  // namespace

result<std::unique_ptr<api>> api::make(const config& options, api_ports ports) {
    std::unique_ptr<api> made{new api{options, std::move(ports)}};
    auto& context = made->context_;
    const auto users = context.ports.accounts.count_users();
    if (!users) return tl::unexpected(users.error());
    if (admission_of(context.registration, context.only_this_machine, *users > 0) == admission::set_up)
        context.set_up_code = set_up_code_of(context.ports.store_key);
    made->watch_.emplace(context.ports.accounts,
                         [&context](const auto& ended) { context.end_logins(ended); });
    return made;
}

result<void> api::check_host(const http_request& request) const {
    return context_.rules.check_host(request);
}

result<void> api::check_upgrade_origin(const http_request& request) const {
    return context_.rules.check_origin(request);
}

void api::authenticate_upgrade(const http_request& request, upgrade_answer answer) {
    const auto shown = presented_by(request, context_.rules);
    if (!shown) return answer(fail(errc::unauthenticated));
    const auto as_upgraded = [](const signed_in& who) {
        return upgraded_login{who.user.id, who.user.name, who.login.id, who.login.expires_ms};
    };
    if (const auto who = find_cached(context_, *shown)) return answer(as_upgraded(*who));
    const bool taken = context_.readers.post([this, shown = *shown, as_upgraded, answer] {
        answer(read_login(context_, shown).map(as_upgraded));
    });
    if (!taken) answer(fail(errc::busy));
}

std::string api::address_of(const http_request& request) const {
    return context_.rules.address_of(request);
}

void api::handle(http_request request, http_respond respond) {
    auto to = find_route(keys, request.method, request.path);
    if (to.what != routed::how::found) return respond(not_routed(to, request.method));
    if (auto fit = check_change(context_.rules, request); !fit) return respond(error_answer(fit.error()));
    call next;
    next.address = context_.rules.address_of(request);
    next.request = std::move(request);
    next.ids = std::move(to.ids);
    next.respond = once(std::move(respond));
    const auto& route = routes[to.index];
    if (route.may == access::signed_in) return authenticate(context_, std::move(next), route);
    run(context_, std::move(next), route, false);
}

http_response api::refusal(const error& why) const {
    return error_answer(why);
}

std::optional<std::string> api::set_up_code() const {
    return context_.set_up_code.empty() ? std::nullopt : std::optional{context_.set_up_code};
}

}  // namespace parley
