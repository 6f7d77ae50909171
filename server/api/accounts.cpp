#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/json_body.hpp"
#include "server/api/passwords.hpp"
#include "server/api/registration.hpp"
#include "server/api/secrets.hpp"
#include "shared/wire/validate.hpp"

#include <mutex>
#include <utility>

/// Making accounts: open, with the set-up code, or with an invitation.
namespace parley {

namespace {

/// Failed invitations are counted like failed sign-ins, under a name that no account has.
const std::string with_invitation = "invitation ";

[[nodiscard]] std::int64_t count_invitation(api_context& api, const call& request) {
    return api.throttle.attempt(with_invitation, request.address, api.ports.now().mono_ms);
}

void refuse_for_now(const call& request, std::int64_t wait_ms) {
    request.respond(error_answer({errc::rate_limited, "too many failed invitations"}, wait_ms));
}

struct application {
    std::string name;
    std::string password;
    std::string invite;  ///< empty: none
    admission needs = admission::none;
};

result<application> read_application(const http_request& request) {
    const auto body = parse_body(request.body);
    if (!body) return tl::unexpected(body.error());
    const auto name = string_field(*body, "username");
    if (!name) return tl::unexpected(name.error());
    auto password = string_field(*body, "password");
    if (!password) return tl::unexpected(password.error());
    auto invite = optional_field(*body, "invite");
    if (!invite) return tl::unexpected(invite.error());
    auto allowed = check_user_name(*name);
    if (!allowed) return tl::unexpected(allowed.error());
    if (auto fit = check_password(*password, *allowed); !fit) return tl::unexpected(fit.error());
    return application{*std::move(allowed), *std::move(password), invite->value_or(""), {}};
}

/// Whether it is worth hashing a password for.
result<void> check_admission(api_context& api, application& from) {
    const auto users = api.ports.accounts.count_users();
    if (!users) return tl::unexpected(users.error());
    from.needs = admission_of(api.registration, api.only_this_machine, *users > 0);
    switch (from.needs) {
    case admission::free: break;
    case admission::set_up:
        if (from.invite.empty())
            return fail(errc::registration_closed,
                        "the first account needs the code that the server printed");
        if (!same_code(from.invite, api.set_up_code)) return fail(errc::bad_invite);
        break;
    case admission::invitation:
        if (from.invite.empty()) return fail(errc::registration_closed);
        if (!hash_secret(from.invite)) return fail(errc::bad_invite);
        break;
    case admission::none: return fail(errc::registration_closed, "this server takes no new accounts");
    }
    const auto taken = api.ports.accounts.find_user(from.name);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return fail(errc::name_taken);
    return {};
}

/// With the set-up code there is one first account, even if two people type it at once.
result<stored_user> store_account(api_context& api, const stored_user& user, const application& from) {
    std::unique_lock lock{api.set_up, std::defer_lock};
    if (from.needs == admission::set_up) {
        lock.lock();
        const auto users = api.ports.accounts.count_users();
        if (!users) return tl::unexpected(users.error());
        if (*users > 0) return fail(errc::bad_invite);
    }
    const auto invite = from.needs == admission::invitation ? hash_secret(from.invite) : std::nullopt;
    return api.ports.accounts.create_user(user, invite, user.created_ms);
}

void make_account(api_context& api, call request, const application& from, std::string password_hash) {
    stored_user user;
    user.created_ms = api.wall_ms();
    user.id = user_id{make_id(user.created_ms)};
    user.name = from.name;
    user.password_hash = std::move(password_hash);
    const auto made = store_account(api, user, from);
    if (!made) return request.respond(error_answer(made.error()));
    api.throttle.succeeded(with_invitation, request.address);
    api.log("create_account", request, made->id, made->role == user_role::owner ? "owner" : "member");

    auto response = with_new_session(api, user_answer(201, made->id, made->name), made->id);
    if (!response) return request.respond(error_answer(response.error()));
    join_general(api, made->id, made->name,
                 [respond = request.respond, answer = *std::move(response)] { respond(answer); });
}

void admit(api_context& api, call request, application from) {
    if (auto welcome = check_admission(api, from); !welcome) {
        if (welcome.error().code == errc::bad_invite) static_cast<void>(count_invitation(api, request));
        return request.respond(error_answer(welcome.error()));
    }
    api.hash(std::move(request), [&api, from = std::move(from)](call next) {
        if (from.needs == admission::invitation) {
            if (const auto wait = count_invitation(api, next); wait > 0) return refuse_for_now(next, wait);
        }
        auto hash = hash_password(from.password);
        if (!hash) return next.respond(error_answer(hash.error()));
        api.read(std::move(next), [&api, from, hash = *std::move(hash)](call last) {
            make_account(api, std::move(last), from, hash);
        });
    });
}

}  // namespace

void create_account(api_context& api, call request) {
    auto from = read_application(request.request);
    if (!from) return request.respond(error_answer(from.error()));
    if (!from->invite.empty()) {
        const auto wait = api.throttle.wait(with_invitation, request.address, api.ports.now().mono_ms);
        if (wait > 0) return refuse_for_now(request, wait);
    }
    api.read(std::move(request),
             [&api, from = *std::move(from)](call next) { admit(api, std::move(next), from); });
}

}  // namespace parley
