#include "shared/base/limits.hpp"
#include "tests/simulation/world/world.hpp"

#include <algorithm>
#include <map>

/// No more faults; then everything must settle, and is judged.
namespace parley::simulation {

namespace {

/// How long after the last fault everything must have settled: a breaker that has just opened (30 s), a
/// connection that nobody answers (90 s), and the longest wait of a backoff, with room.
constexpr std::int64_t settle_within_ms = 240'000;

}  // namespace

void world::heal() {
    around_.say("world", "heals");
    around_.healing = true;
    around_.rate.network.latency_ms = std::min<std::int64_t>(around_.rate.network.latency_ms, 50);
    around_.rate.store.delay_ms = std::min<std::int64_t>(around_.rate.store.delay_ms, 20);
    auto& server = *stage_.server;
    server.set_store_failing(false);
    server.set_store_full(false);
    if (std::exchange(around_.rate.limits.sessions_per_user, 1'000) < 20) server.kill();
    const auto by_ms = around_.clock.now_ms() + settle_within_ms + patience_ms();
    for (const auto& home : stage_.devices)
        heal_device(*home);
    for (std::size_t i = 0; i < stage_.tabs.size(); ++i)
        stage_.tabs[i]->tell(network_changed{true});
    while (!quiet()) {
        server.start();
        require(around_.clock.now_ms() < by_ms, "liveness", "not settled:" + unsettled());
        for (const auto& home : stage_.devices) {
            call_back(*home);
            claim_orphans(*home);
        }
        run_for(500);
    }
    // Watermarks may be told a little later, and hubs may read on.
    run_for(3000);
}

/// What waits for the limiter goes as fast as that allows and no faster. What is held and stored counts
/// twice.
std::int64_t world::patience_ms() const {
    std::map<user_id, std::int64_t> waiting;
    for (const auto& one : stage_.tabs)
        if (one->works())
            waiting[one->owner().user] += static_cast<std::int64_t>(one->core().outbox().size());
    for (const auto& home : stage_.devices)
        waiting[home->owner.user] += static_cast<std::int64_t>(home->disk.ops().size());
    for (const auto& call : stage_.programs->calls())
        waiting[call->author->user] += !call->answered;
    std::int64_t most = 0;
    for (const auto& [who, ops] : waiting)
        most = std::max(most, ops);
    const auto& limit = around_.rate.limits;
    return 2 * most * limit.window_ms / std::max(1u, limit.burst);
}

void world::heal_device(device& home) {
    home.disk.now = device_disk::condition::well;
    home.timers_late_until_ms = 0;
    home.cookie.who = &home.owner;
    if (home.asleep_until_ms > around_.clock.now_ms()) {
        home.asleep_until_ms = around_.clock.now_ms();
        wake_at(home, home.asleep_until_ms);
    }
}

/// Whoever left unsent messages behind comes back.
void world::call_back(device& home) {
    const auto here = [&](const auto& one) { return &one->home() == &home && one->keeps(); };
    if (has_orphans(home) && std::none_of(stage_.tabs.begin(), stage_.tabs.end(), here)) open_tab(home, {});
}

bool world::quiet() {
    const auto& server = *stage_.server;
    if (expected_ > 0 || !server.up() || !server.drained() || server.provisional() > 0) return false;
    for (const auto& one : stage_.tabs) {
        if (!one->works() || !one->quiet()) return false;
        if (!one->connection() || !one->connection()->whole()) return false;
        if (one->core().status(one->now()).connection != connection_state::live) return false;
        if (!follows_all(*one)) return false;
    }
    for (const auto& home : stage_.devices)
        if (has_orphans(*home)) return false;
    return stage_.programs->quiet() && around_.on_the_way == 0;
}

/// Up to the end of every room, or of as many as one session may follow, the one on the screen among them.
bool world::follows_all(tab& who) const {
    std::size_t joined = 0, followed = 0;
    for (const auto* room : who.core().rooms()) {
        if (!room->joined) continue;
        ++joined;
        const bool here = room->caught_up && room->w == seen_.history(room->id).size();
        if (!here && (room->caught_up || room->id == who.shown())) return false;
        followed += here;
    }
    return followed >= std::min(joined, limits::subscriptions);
}

/// What lies in outboxes that nobody has taken over yet is still to be settled.
bool world::has_orphans(device& home) const {
    return std::any_of(home.outboxes.begin(), home.outboxes.end(), [&](const ulid& outbox) {
        const auto lock = home.locks.find(outbox);
        const bool held = std::any_of(stage_.tabs.begin(), stage_.tabs.end(), [&](const auto& one) {
            return &one->home() == &home &&
                   (one->outbox() == outbox || (lock != home.locks.end() && lock->second == one.get()));
        });
        return !held && home.disk.has_work(outbox, home.owner.user);
    });
}

std::string world::unsettled() {
    std::string words;
    for (const auto& one : stage_.tabs) {
        if (!one->works()) {
            words += " " + one->label() + " has no worker";
            continue;
        }
        const auto state = one->core().status(one->now()).connection;
        if (state != connection_state::live)
            words += " " + one->label() + " is in state " + std::to_string(static_cast<int>(state));
        for (const auto& op : one->core().outbox())
            if (op.state != op_state::failed)
                words += " " + one->label() + " has op " + to_text(op.change.op).substr(21) + " in state " +
                         std::to_string(static_cast<int>(op.state));
        if (follows_all(*one)) continue;
        for (const auto* room : one->core().rooms())
            if (room->joined && (!room->caught_up || room->w != seen_.history(room->id).size()))
                words += " " + one->label() + " is at " + std::to_string(room->w) + " of " +
                         std::to_string(seen_.history(room->id).size()) + " in " + room->name;
    }
    for (const auto& call : stage_.programs->calls())
        if (!call->answered) words += " http " + to_text(call->op.id).substr(21);
    const auto& server = *stage_.server;
    if (!server.up()) words += " no server";
    if (!server.drained()) words += " the committer holds something";
    if (server.provisional() > 0) words += " " + std::to_string(server.provisional()) + " provisional";
    for (const auto& home : stage_.devices)
        if (has_orphans(*home))
            words += " device " + std::to_string(home->number) + " has records that nobody takes over";
    return words;
}

void world::judge() {
    all_.tell([&](witness& w) { w.judge(stage_); });
}

/// Everybody goes; nothing may be left over.
void world::clear_away() {
    while (!stage_.tabs.empty())
        end_tab(*stage_.tabs.back(), end_of_life::closed);
    run_for(120'000);
    const auto& server = *stage_.server;
    const auto counts = server.counts();
    require(counts.sockets == 0 && server.sessions() == 0, "L19 accounts for itself",
            "sessions outlive their sockets");
    require(counts.users == 0, "L19 accounts for itself", "users outlive their sessions");
    require(counts.rooms == 0, "L19 accounts for itself",
            std::to_string(counts.rooms) + " rooms stay awake that nobody needs");
    require(!server.deadline(), "L19 accounts for itself", "a timer of a hub is left over");
}

}  // namespace parley::simulation
