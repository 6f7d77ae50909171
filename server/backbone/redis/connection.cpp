#include "server/backbone/redis/connection.hpp"

#include <hiredis/hiredis.h>
#include <mutex>
#include <sys/socket.h>
#include <utility>

namespace parley::redis {
namespace {

constexpr timeval patience{3, 0};

struct context_end {
    void operator()(redisContext* context) const { redisFree(context); }
};

using context_ptr = std::unique_ptr<redisContext, context_end>;

struct reply_end {
    void operator()(redisReply* given) const { freeReplyObject(given); }
};

reply taken(const redisReply& given) {
    reply out;
    switch (given.type) {
    case REDIS_REPLY_INTEGER:
        out.what = reply::kind::number;
        out.number = given.integer;
        break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        out.what = given.type == REDIS_REPLY_ERROR ? reply::kind::refusal : reply::kind::text;
        out.text.assign(given.str, given.len);
        break;
    case REDIS_REPLY_ARRAY:
        out.what = reply::kind::list;
        out.list.reserve(given.elements);
        for (std::size_t i = 0; i < given.elements; ++i)
            out.list.push_back(taken(*given.element[i]));
        break;
    default: break;
    }
    return out;
}

}  // namespace

struct connection::state {
    address where;
    context_ptr context;
    std::uint64_t made = 0;
    std::mutex mutex;  // of the two below: another thread may shut the socket
    int open_fd = -1;
    bool interrupted = false;

    result<void> connect();
    result<void> introduce();
    result<reply> exchange(std::span<const std::string_view> words);
    tl::unexpected<error> failed();
    void close();
};

connection::connection(address where) : state_(std::make_unique<state>()) {
    state_->where = std::move(where);
}

connection::~connection() {
    close();
}

const address& connection::where() const {
    return state_->where;
}

std::uint64_t connection::times_made() const {
    return state_->made;
}

result<reply> connection::call(std::span<const std::string_view> words) {
    if (!state_->context) {
        if (auto made = state_->connect(); !made) return tl::unexpected(made.error());
    }
    return state_->exchange(words);
}

void connection::close() {
    state_->close();
}

void connection::interrupt() {
    std::lock_guard lock{state_->mutex};
    state_->interrupted = true;
    if (state_->open_fd >= 0) ::shutdown(state_->open_fd, SHUT_RDWR);
}

result<void> connection::state::connect() {
    context.reset(where.socket.empty() ? redisConnectWithTimeout(where.host.c_str(), where.port, patience)
                                       : redisConnectUnixWithTimeout(where.socket.c_str(), patience));
    if (!context) return fail(errc::unavailable, "no memory for a connection");
    if (context->err) return failed();
    {
        std::lock_guard lock{mutex};
        open_fd = context->fd;
        if (interrupted) ::shutdown(open_fd, SHUT_RDWR);
    }
    redisSetTimeout(context.get(), patience);
    if (where.socket.empty()) redisEnableKeepAlive(context.get());
    ++made;
    return introduce();
}

result<void> connection::state::introduce() {
    const auto ask = [&](std::span<const std::string_view> words, const char* what) -> result<void> {
        const auto answer = exchange(words);
        if (!answer) return tl::unexpected(answer.error());
        if (answer->what != reply::kind::refusal) return {};
        close();
        return fail(errc::forbidden, "Redis at " + where.text() + " refuses " + what + ": " + answer->text);
    };
    if (!where.password.empty()) {
        std::vector<std::string_view> words{"AUTH"};
        if (!where.user.empty()) words.emplace_back(where.user);
        words.emplace_back(where.password);
        if (auto in = ask(words, "the password"); !in) return in;
    }
    if (where.database == 0) return {};
    const auto number = std::to_string(where.database);
    const std::string_view words[] = {"SELECT", number};
    return ask(words, "the database");
}

result<reply> connection::state::exchange(std::span<const std::string_view> words) {
    std::vector<const char*> at;
    std::vector<std::size_t> sizes;
    for (const auto word : words) {
        at.push_back(word.data());
        sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, reply_end> given{static_cast<redisReply*>(
        redisCommandArgv(context.get(), static_cast<int>(words.size()), at.data(), sizes.data()))};
    if (!given) return failed();
    return taken(*given);
}

tl::unexpected<error> connection::state::failed() {
    const bool late = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    const std::string why = late ? "no answer within 3 s" : context->errstr;
    close();
    return fail(errc::unavailable, "Redis at " + where.text() + " can't be reached: " + why);
}

void connection::state::close() {
    std::lock_guard lock{mutex};
    open_fd = -1;
    context.reset();
}

}  // namespace parley::redis
