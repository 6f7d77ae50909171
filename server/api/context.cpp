#include "server/api/context.hpp"

#include "server/api/answers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace parley {

namespace {

/// A job for a pool: whatever goes wrong in it is logged and answered, and the server lives on.
worker_pool::job guarded(const api_context& api, call request, std::function<void(call)> job) {
    auto shared = std::make_shared<call>(std::move(request));
    return [&api, shared, job = std::move(job)] {
        const auto respond = shared->respond;
        try {
            job(std::move(*shared));
        } catch (const std::exception& wrong) {
            log_line line;
            line.level = decltype(line.level)::error;
            line.event = "request_failed";
            line.message = wrong.what();
            api.ports.log(line);
            respond(error_answer({errc::unavailable, {}}));
        }
    };
}

}  // namespace

api_context::api_context(const config& options, api_ports given)
    : ports(std::move(given)),
      rules(options.url, options.proxies),
      registration(options.registration),
      only_this_machine(options.listens_on_loopback() && !options.url) {}

api_context::~api_context() {
    // Each may post to the other, so both end before either goes.
    hashers.end();
    readers.end();
}

void api_context::read(call request, std::function<void(call)> job) {
    const auto respond = request.respond;
    if (!readers.post(guarded(*this, std::move(request), std::move(job))))
        respond(error_answer({errc::busy, {}}));
}

void api_context::hash(call request, std::function<void(call)> job) {
    const auto respond = request.respond;
    if (!hashers.post(guarded(*this, std::move(request), std::move(job))))
        respond(error_answer({errc::rate_limited, "too many people sign in at once"}, 2'000));
}

void api_context::end_logins(const std::vector<login_id>& ended) {
    if (ended.empty()) return;
    logins.end(ended);
    ports.hubs.end_logins(ended);
}

void api_context::log(std::string_view event, const call& about, user_id user, std::string message,
                      bool warns) const {
    log_line line;
    line.level = warns ? decltype(line.level)::warn : decltype(line.level)::info;
    line.event = event;
    line.user = user;
    line.message = std::move(message);
    line.meta_json = boost::json::serialize(boost::json::object{{"address", about.address}});
    ports.log(line);
}

}  // namespace parley
