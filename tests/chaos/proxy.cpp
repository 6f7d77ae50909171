#include "tests/chaos/proxy.hpp"

#include "tests/chaos/socket.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace parley::chaos {
namespace {

constexpr std::int64_t longest_wait_ms = 1'000;

std::int64_t clock_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

proxy::proxy(std::uint16_t server_port, forecast expected)
    : server_port_(server_port),
      forecast_(std::move(expected)),
      listener_(listen_anywhere()),
      port_(port_of(listener_)),
      alarm_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::jthread{[this](const std::stop_token& ending) {
        const std::stop_callback woken{ending, [this] { wake(); }};
        run(ending);
    }};
}

void proxy::storm() {
    ordered_ = sky::stormy;
    wake();
}

void proxy::heal() {
    ordered_ = sky::calm;
    wake();
}

tally proxy::counted() const {
    const std::lock_guard lock{mutex_};
    return tally_;
}

void proxy::wake() {
    ::eventfd_write(alarm_.get(), 1);
}

void proxy::run(const std::stop_token& ending) {
    while (!ending.stop_requested()) {
        const auto now_ms = clock_ms();
        obey(now_ms);
        blow(now_ms);
        listen_or_refuse(now_ms);
        if (now_ms >= frozen_until_ms_) {
            accept_all();
            carry_all(now_ms);
        }
        wait(now_ms);
    }
}

void proxy::obey(std::int64_t now_ms) {
    const auto ordered = ordered_.load();
    if (std::exchange(sky_, ordered) == ordered) return;
    if (ordered == sky::stormy) {
        stormy_since_ms_ = now_ms;
        for (auto& each : links_)
            each.meet(next_fate());
    } else {
        refusing_until_ms_ = frozen_until_ms_ = 0;
        for (auto& each : links_)
            each.calm();
    }
}

connection_fate proxy::next_fate() {
    const std::lock_guard lock{mutex_};
    return forecast_.fate(tally_.connections++);
}

void proxy::blow(std::int64_t now_ms) {
    if (sky_ != sky::stormy) return;
    for (; next_gust_ < forecast_.gusts.size(); ++next_gust_) {
        const auto& next = forecast_.gusts[next_gust_];
        if (now_ms < stormy_since_ms_ + next.at_ms) return;
        begin_gust(next, now_ms);
    }
}

void proxy::begin_gust(const gust& next, std::int64_t now_ms) {
    switch (next.kind) {
    case gust::what::refuse: refusing_until_ms_ = std::max(refusing_until_ms_, now_ms + next.for_ms); break;
    case gust::what::freeze: frozen_until_ms_ = std::max(frozen_until_ms_, now_ms + next.for_ms); break;
    case gust::what::reset:
        for (auto& each : links_)
            each.reset();
    }
    const std::lock_guard lock{mutex_};
    ++tally_.gusts[static_cast<std::size_t>(next.kind)];
}

void proxy::listen_or_refuse(std::int64_t now_ms) {
    const auto wanted = now_ms < refusing_until_ms_ ? door::shut : door::open;
    if (std::exchange(door_, wanted) == wanted) return;
    wanted == door::open ? listen_again(listener_) : refuse_all(listener_);
}

void proxy::accept_all() {
    while (door_ == door::open) {
        unique_fd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        if (!client) return;
        auto server = connect_to(server_port_);
        if (!server) continue;
        send_at_once(client);
        send_at_once(server);
        const auto fate = sky_ == sky::stormy ? next_fate() : connection_fate{};
        links_.emplace_back(std::move(client), std::move(server), fate, links_.size());
    }
}

void proxy::carry_all(std::int64_t now_ms) {
    for (auto at = links_.begin(); at != links_.end();) {
        const auto suffered = at->suffered();
        const auto stalls = at->stalls();
        at->carry(now_ms);
        if (suffered != at->suffered() || stalls != at->stalls()) {
            const std::lock_guard lock{mutex_};
            if (suffered != at->suffered()) ++tally_.endings[static_cast<std::size_t>(at->suffered())];
            tally_.stalls += at->stalls() - stalls;
        }
        at = at->over() ? links_.erase(at) : std::next(at);
    }
}

void proxy::wait(std::int64_t now_ms) {
    auto until_ms = now_ms + longest_wait_ms;
    const auto wake_at = [&](std::int64_t at_ms) {
        if (at_ms > now_ms) until_ms = std::min(until_ms, at_ms);
    };
    std::vector<pollfd> sockets{{alarm_.get(), POLLIN, 0}};
    wake_at(refusing_until_ms_);
    wake_at(frozen_until_ms_);
    if (sky_ == sky::stormy && next_gust_ < forecast_.gusts.size())
        wake_at(stormy_since_ms_ + forecast_.gusts[next_gust_].at_ms);
    if (now_ms >= frozen_until_ms_) {
        if (door_ == door::open) sockets.push_back({listener_.get(), POLLIN, 0});
        for (const auto& each : links_) {
            each.watch(now_ms, sockets);
            if (const auto due = each.due_ms(now_ms)) wake_at(*due);
        }
    }
    ::poll(sockets.data(), sockets.size(),
           static_cast<int>(std::max<std::int64_t>(until_ms - clock_ms(), 0)));
    eventfd_t ignored = 0;
    ::eventfd_read(alarm_.get(), &ignored);
}

}  // namespace parley::chaos
