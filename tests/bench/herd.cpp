#include "tests/bench/herd.hpp"

#include "server/store/store.hpp"
#include "tests/bench/parley_fleet.hpp"

#include <algorithm>
#include <array>
#include <sys/epoll.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr std::size_t joining_at_once = 64;
constexpr std::uint64_t also_number = ~std::uint64_t{0};

client_config usual() {
    client_config config;
    config.program = "herd";
    return config;
}

}  // namespace

herd::herd(std::uint16_t port, std::size_t sessions) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    random_source chance{sessions};
    testing::native_profile owner;
    while (members_.size() < sessions || in_sync_ < sessions) {
        if (members_.size() < sessions && members_.size() - in_sync_ < joining_at_once) {
            const auto account = members_.size() / sessions_per_account;
            if (members_.size() % sessions_per_account == 0)
                owner = testing::sign_up(port, "herd-" + std::to_string(account));
            owner.outbox = chance.make_id(owner.outbox.time_ms());
            add(owner);
        } else {
            turn(-1);
        }
    }
}

herd::~herd() {
    close(epoll_);
}

void herd::add(testing::native_profile profile) {
    members_.push_back({std::make_unique<testing::native_client>(std::move(profile), usual()), {}});
    members_.back().client->show(general_room);
    look_at(members_.size() - 1);
}

void herd::say(std::size_t count) {
    for (const auto& each : members_)
        goal_ = std::max(goal_, each.client->core().room(general_room)->w);
    for (std::size_t i = 0; i < count; ++i)
        members_[i].client->say(general_room, "are you back?");
    goal_ += count;
    for (std::size_t i = 0; i < size(); ++i)
        look_at(i);
}

void herd::turn(int also) {
    std::array<epoll_event, 512> ready;
    epoll_event wake{EPOLLIN, {}};
    wake.data.u64 = also_number;
    if (also >= 0) epoll_ctl(epoll_, EPOLL_CTL_ADD, also, &wake);
    std::int64_t wait = 100;
    if (!deadlines_.empty()) {
        const auto left = deadlines_.begin()->first - testing::native_client::now().mono_ms;
        wait = std::clamp<std::int64_t>(left, 0, wait);
    }
    const int count = epoll_wait(epoll_, ready.data(), ready.size(), static_cast<int>(wait));
    if (also >= 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, also, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto number = ready[static_cast<std::size_t>(i)].data.u64;
        if (number == also_number) continue;
        members_[number].client->turn();
        look_at(number);
    }
    const auto now = testing::native_client::now().mono_ms;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto number = deadlines_.begin()->second;
        members_[number].client->turn();
        look_at(number);
    }
}

/// Its socket and its deadline may be others after each turn.
void herd::look_at(std::size_t number) {
    auto& who = members_[number];
    auto& client = *who.client;
    if (client.socket() >= 0) {
        epoll_event event{};
        event.events = EPOLLIN | (client.wants_to_write() ? std::uint32_t{EPOLLOUT} : 0);
        event.data.u64 = number;
        if (epoll_ctl(epoll_, EPOLL_CTL_MOD, client.socket(), &event) != 0)
            epoll_ctl(epoll_, EPOLL_CTL_ADD, client.socket(), &event);
    }
    if (who.due) deadlines_.erase({*who.due, number});
    who.due = client.deadline();
    if (who.due) deadlines_.emplace(*who.due, number);

    const auto status = client.status();
    const bool live = status.connection == connection_state::live;
    if (who.live && !live) first_waits_ms_.push_back(status.next_ms - testing::native_client::now().mono_ms);
    live_ += static_cast<std::size_t>(live) - static_cast<std::size_t>(std::exchange(who.live, live));
    const bool in_sync = live && holds_all(who);
    in_sync_ +=
        static_cast<std::size_t>(in_sync) - static_cast<std::size_t>(std::exchange(who.in_sync, in_sync));
}

bool herd::holds_all(member& who) const {
    const auto* view = who.client->core().room(general_room);
    return view && view->caught_up && view->w >= goal_ && who.client->status().outbox == 0;
}

}  // namespace parley::bench
