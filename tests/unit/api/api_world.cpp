#include "tests/unit/api/api_world.hpp"

#include "shared/base/assert.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <utility>

namespace parley::testing {

namespace {

constexpr std::string_view host = "127.0.0.1:8080";

bool has(const http_headers& headers, std::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& h) { return same_header(h.first, name); });
}

http_request make_request(std::string method, std::string path, std::string body, http_headers headers) {
    http_request request;
    request.method = std::move(method);
    const auto mark = path.find('?');
    request.path = path.substr(0, mark);
    if (mark != std::string::npos) request.query = path.substr(mark + 1);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.remote_address = "127.0.0.1";
    for (const auto& [name, value] :
         {std::pair{"Host", std::string{host}}, std::pair{"Origin", "http://" + std::string{host}},
          std::pair{"Content-Type", std::string{"application/json"}}}) {
        if (!has(request.headers, name)) request.headers.emplace_back(name, value);
    }
    std::erase_if(request.headers, [](const auto& header) { return header.second.empty(); });
    return request;
}

api_world::reply as_reply(const http_response& response) {
    api_world::reply out{response.status, response.body, {}, response.headers};
    const auto set = out.header("Set-Cookie");
    out.cookie = set.substr(0, set.find(';'));
    return out;
}

}  // namespace

void willing_hubs::post_op(user_id user, std::string name, wire::op op,
                           std::function<void(const answer_http&)> answer) {
    answer_http given;
    {
        const std::lock_guard lock{mutex_};
        seen.push_back(op);
        if (!next.empty() && op.kind != change_kind::join) {
            given = next.front();
            next.pop_front();
        } else {
            given = commit(user, name, op);
        }
    }
    answer(given);
}

void willing_hubs::end_logins(std::vector<login_id> logins) {
    const std::lock_guard lock{mutex_};
    ended_.insert(ended_.end(), logins.begin(), logins.end());
}

bool willing_hubs::has_ended(login_id login) {
    const std::lock_guard lock{mutex_};
    return std::find(ended_.begin(), ended_.end(), login) != ended_.end();
}

answer_http willing_hubs::commit(user_id user, const std::string& name, const wire::op& op) {
    answer_http given;
    given.reply.op = op.id;
    given.reply.room = op.room;
    given.reply.outcome = outcome::committed;
    given.reply.kind = op.kind;
    const std::array change{change_id{user, op.id}};
    const auto found = store_.find(op.room, change);
    if (found->places.at(0).seq != 0) {
        given.repeated = true;
        given.reply.seq = found->places[0].seq;
        given.reply.time_ms = found->places[0].time_ms;
        return given;
    }
    placed_entry entry;
    entry.n = ++n_;
    entry.event.room = op.room;
    entry.event.seq = found->head + 1;
    entry.event.epoch = epoch_;
    entry.event.id = change[0];
    entry.event.author_name = name;
    entry.event.time_ms = 1'795'166'000'000 + static_cast<std::int64_t>(n_);
    entry.event.kind = op.kind;
    entry.event.name = op.name;
    entry.event.text = op.text;
    entry.hash = 1;
    given.reply.seq = entry.event.seq;
    given.reply.time_ms = entry.event.time_ms;
    const auto done = store_.commit({epoch_, 0, {std::make_shared<log_entry>(entry)}, {}}, {});
    PARLEY_ASSERT(done.what == commit_outcome::kind::committed);
    return given;
}

api_world::api_world(config options) {
    api_ports ports{store,
                    store,
                    hubs,
                    [this] {
                        return health_answer{well, well ? R"({"status":"ok"})" : R"({"status":"unwell"})",
                                             well ? R"({"ready":true})" : R"({"ready":false})"};
                    },
                    [this](const log_line& line) {
                        const std::lock_guard lock{mutex_};
                        lines.push_back(std::string{line.event} + " " + line.message + " " + line.meta_json);
                    },
                    [this] {
                        return instant{now_ms, now_ms};
                    },
                    store.payload_key()};
    server = *api::make(options, ports);
}

api_world::reply api_world::ask(std::string method, std::string path, std::string body,
                                http_headers headers) {
    std::promise<http_response> answered;
    server->handle(make_request(std::move(method), std::move(path), std::move(body), std::move(headers)),
                   [&](http_response response) { answered.set_value(std::move(response)); });
    return as_reply(answered.get_future().get());
}

std::vector<api_world::reply> api_world::ask_together(const std::string& method, const std::string& path,
                                                      const std::vector<std::string>& bodies) {
    std::vector<std::promise<http_response>> answered(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        server->handle(make_request(method, path, bodies[i], {}), [&answered, i](http_response response) {
            answered[i].set_value(std::move(response));
        });
    }
    std::vector<reply> replies;
    for (auto& one : answered)
        replies.push_back(as_reply(one.get_future().get()));
    return replies;
}

std::string api_world::account(const std::string& name, const std::string& invite) {
    const auto made =
        ask("POST", "/api/accounts",
            R"({"username":")" + name + R"(","password":"correct horse","invite":")" + invite + "\"}");
    return made.status == 201 ? made.cookie : std::string{};
}

result<upgraded_login> api_world::upgrade(http_headers headers) {
    std::promise<result<upgraded_login>> answered;
    server->authenticate_upgrade(make_request("GET", "/socket", "", std::move(headers)),
                                 [&](result<upgraded_login> who) { answered.set_value(std::move(who)); });
    return answered.get_future().get();
}

std::string api_world::reply::header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
        if (same_header(known, name)) return value;
    }
    return {};
}

errc api_world::reply::code() const {
    const auto parsed = boost::json::parse(body);
    const std::string_view name = parsed.at("error").at("code").as_string();
    for (int code = 1; code < 100; ++code) {
        if (name_of(static_cast<errc>(code)) == name) return static_cast<errc>(code);
    }
    return errc::none;
}

}  // namespace parley::testing
