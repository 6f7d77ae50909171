#include "tests/bench/slow_readers.hpp"

#include "tests/bench/parley_dialect.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace parley::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t readers = 2'000;
constexpr std::size_t slow_readers = 200;
constexpr std::size_t text_bytes = 4'096;  // so that seconds fill what a session may owe
constexpr std::uint32_t messages_per_s = 40;
constexpr auto before = 2'500ms;
constexpr auto during = 5'000ms;  // less than a blocked socket is given
constexpr std::uint32_t resume_request = 2;
constexpr int little_bytes = 64 * 1024;

double p99_us(std::vector<std::uint32_t>& of) {
    if (of.empty()) {
        throw run_failed("nothing was delivered");
    }
    const auto place = of.begin() + static_cast<std::ptrdiff_t>(of.size() * 99 / 100);
    std::nth_element(of.begin(), place, of.end());
    return *place / 1000.0;
}

parley_engine& engine_of(fleet& of) {
    return static_cast<parley_engine&>(of);
}

}  // namespace

slow_crowd::slow_crowd(const target& to, accounts& users)
    : server_{to.process}, fleet_{make_parley_fleet(to, users, {1, readers, text_bytes})} {}

slow_crowd::~slow_crowd() = default;

slow_round slow_crowd::measure() {
    slow_round seen;
    auto quiet = fleet_->keep_rate(messages_per_s, before);
    seen.p99_before_us = p99_us(quiet.received_ns);
    const auto resident = static_cast<double>(resident_bytes_of(server_));
    stop_reading();
    auto busy = fleet_->keep_rate(messages_per_s, during);
    seen.p99_during_us = p99_us(busy.received_ns);
    seen.grown_bytes = static_cast<double>(resident_bytes_of(server_)) - resident;
    read_again();
    return seen;
}

void slow_crowd::stop_reading() {
    auto& in = engine_of(*fleet_);
    auto& members = in.rooms.front().members;
    next_ %= members.size() - slow_readers;
    const auto first = members.begin() + static_cast<std::ptrdiff_t>(next_);
    slow_.assign(first, first + slow_readers);
    members.erase(first, first + slow_readers);
    next_ += slow_readers;
    for (auto* each : slow_) {
        each->apart = true;
        // Or a kernel that saw it read fast takes more in its stead than is said here.
        setsockopt(each->fd, SOL_SOCKET, SO_RCVBUF, &little_bytes, sizeof little_bytes);
        in.sockets.listen(*each, false);
    }
}

void slow_crowd::read_again() {
    auto& in = engine_of(*fleet_);
    auto& room = in.rooms.front();
    std::size_t resumed = 0;
    in.dialect.told = [&](link& by, const wire::frame_down& frame) {
        const auto* reply = std::get_if<wire::reply>(&frame);
        const auto* page = std::get_if<wire::page>(&frame);
        if (const auto* behind = std::get_if<wire::behind>(&frame)) {
            wire::subscribe subscribe;
            subscribe.request = resume_request;
            subscribe.room = behind->room;
            subscribe.seq = by.settled;
            subscribe.epoch = in.dialect.epoch;
            in.dialect.say(by, in, subscribe);
        } else if (page != nullptr && page->fresh) {
            throw run_failed("a slow reader got a snapshot instead of what it missed");
        } else if (reply != nullptr && reply->request == resume_request) {
            ++resumed;
        }
    };
    for (auto* each : slow_) {
        in.sockets.listen(*each, true);
    }
    const auto level = [&](const link* each) { return each->last_seq == room.members.front()->last_seq; };
    in.turn_until("slow readers",
                  [&] { return resumed == slow_.size() && std::all_of(slow_.begin(), slow_.end(), level); });
    in.dialect.told = [](auto&, auto&) {};
    for (auto* each : slow_) {
        each->apart = false;
        room.members.push_back(each);
    }
    slow_.clear();
}

}  // namespace parley::bench
