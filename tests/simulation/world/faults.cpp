#include "shared/client/records.hpp"
#include "tests/simulation/world/world.hpp"

#include <algorithm>

/// What goes wrong.
namespace parley::simulation {

namespace {

std::string last_part(const std::string& key) {
    return key.substr(key.rfind('/') + 1);
}

}  // namespace

bool world::break_network(deed what, dice& chance) {
    if (what < deed::cut || what > deed::herd) return false;
    if (what == deed::herd) {
        for (const auto& one : stage_.tabs)
            if (const auto connection = one->connection()) connection->cut();
        return true;
    }
    auto* const who = any_linked(chance);
    if (!who) return true;
    const auto connection = who->connection();
    const auto way = chance.one_in(2) ? link::way::up : link::way::down;
    around_.say(who->label(), "is struck");
    switch (what) {
    case deed::cut: connection->cut(); break;
    case deed::cut_at_byte: connection->cut_after(way, chance.below(chance.one_in(2) ? 300 : 5'000)); break;
    case deed::half_open: connection->half_open(); break;
    case deed::deafen: connection->silence(link::way::down); break;
    case deed::mute: connection->silence(link::way::up); break;
    case deed::stall: {
        const auto ms = chance.upto(chance.one_in(3) ? 60'000 : 8'000);
        connection->stall(way, ms);
        if (chance.one_in(2)) connection->stall(way == link::way::up ? link::way::down : link::way::up, ms);
        break;
    }
    case deed::slow_reader: connection->stall(link::way::down, 5'000 + chance.upto(30'000)); break;
    case deed::network_off: {
        auto* const home = &who->home();
        const auto tell_all = [this, home](bool online) {
            for (const auto& one : stage_.tabs)
                if (&one->home() == home) one->tell(network_changed{online});
        };
        for (const auto& one : stage_.tabs)
            if (const auto cut = &one->home() == home ? one->connection() : nullptr) cut->cut();
        tell_all(false);
        around_.clock.after(chance.upto(chance.one_in(4) ? 60'000 : 5'000), [tell_all] { tell_all(true); });
        break;
    }
    default: break;
    }
    return true;
}

/// At that time, or when it is woken at last, all that has waited is told.
void world::wake_at(device& which, std::int64_t at_ms) {
    around_.clock.after(at_ms - around_.clock.now_ms(), [this, home = &which] {
        if (home->asleep_until_ms > around_.clock.now_ms()) return;
        for (std::size_t i = 0; i < stage_.tabs.size(); ++i)
            if (&stage_.tabs[i]->home() == home) stage_.tabs[i]->wake_up();
    });
}

bool world::break_device(deed what, dice& chance) {
    if (what < deed::kill_tab || what > deed::device_clock) return false;
    auto* const who = any_tab(chance);
    if (!who) return true;
    auto& home = who->home();
    const auto now_ms = around_.clock.now_ms();
    const auto disk_is = [&](device_disk::condition now) {
        home.disk.now = now;
        around_.clock.after(chance.upto(30'000),
                            [disk = &home.disk] { disk->now = device_disk::condition::well; });
    };
    around_.say(who->label(), "is struck");
    switch (what) {
    case deed::kill_tab: who->doom(death::tab, chance.below(chance.one_in(2) ? 3 : 12)); break;
    case deed::kill_worker: who->doom(death::worker, chance.below(chance.one_in(2) ? 3 : 12)); break;
    case deed::kill_browser:
    case deed::power_loss: {
        std::vector<ulid> outboxes;
        std::vector<tab*> gone;
        for (const auto& one : stage_.tabs)
            if (&one->home() == &home) gone.push_back(one.get());
        for (const auto* one : gone)
            outboxes.push_back(one->outbox());
        end_workers(gone, end_of_life::killed, what == deed::power_loss ? &chance : nullptr);
        for (auto* one : gone)
            forget_tab(*one);
        ++expected_;
        around_.clock.after(chance.upto(20'000), [this, &home, outboxes] {
            --expected_;
            for (const auto& outbox : outboxes)
                open_tab(home, outbox);
        });
        break;
    }
    case deed::disk_full: disk_is(device_disk::condition::full); break;
    case deed::disk_refuses: disk_is(device_disk::condition::refusing); break;
    case deed::disk_closed: who->close_database(); break;
    case deed::damage_record:
        for (auto left = 1 + chance.below(3); left > 0; --left)
            if (const auto id = parse_ulid(last_part(home.disk.damage(chance))))
                seen_.excuse({home.owner.user, op_id{*id}}, "its record was damaged");
        break;
    case deed::sleep: {
        home.asleep_until_ms =
            std::max(home.asleep_until_ms, now_ms + chance.upto(chance.one_in(3) ? 200'000 : 20'000));
        const bool whole_machine = chance.one_in(2);
        for (const auto& one : stage_.tabs) {
            const auto connection = &one->home() == &home && whole_machine ? one->connection() : nullptr;
            if (!connection) continue;
            connection->stall(link::way::up, home.asleep_until_ms - now_ms);
            connection->stall(link::way::down, home.asleep_until_ms - now_ms);
        }
        wake_at(home, home.asleep_until_ms);
        break;
    }
    case deed::late_timers: home.timers_late_until_ms = now_ms + chance.upto(120'000); break;
    case deed::device_clock: home.clock.jump(chance.upto(2 * 86'400'000) - 86'400'000); break;
    default: break;
    }
    return true;
}

bool world::break_server(deed what, dice& chance) {
    if (what < deed::kill_server || what > deed::server_clock) return false;
    auto& server = *stage_.server;
    const auto back_ms = 200 + chance.upto(chance.one_in(4) ? 20'000 : 3'000);
    const auto start_later = [this](std::int64_t ms) {
        around_.clock.after(ms, [this] { stage_.server->start(); });
    };
    switch (what) {
    case deed::kill_server:
        if (!server.up()) break;
        if (chance.one_in(3)) {
            server.kill();
        } else {
            server.doom(chance.below(chance.one_in(2) ? 8 : 60));
        }
        start_later(back_ms);
        break;
    case deed::stop_server:
        server.stop();
        start_later(back_ms);
        start_later(11'000);
        break;
    case deed::lose_epoch: server.lose_epoch(); break;
    case deed::restore_store:
        if (server.up()) server.kill();
        server.store().restore(chance);
        start_later(back_ms);
        break;
    case deed::store_fails:
        server.set_store_failing(true);
        around_.clock.after(chance.upto(20'000), [this] { stage_.server->set_store_failing(false); });
        break;
    case deed::store_full:
        server.set_store_full(true);
        around_.clock.after(chance.upto(20'000), [this] { stage_.server->set_store_full(false); });
        break;
    case deed::store_stalls: server.stall_store(chance.upto(10'000)); break;
    case deed::server_clock: server.clock().jump(chance.upto(20'000) - 10'000); break;
    default: break;
    }
    return true;
}

bool world::take_rights(deed what, dice& chance) {
    auto* const home = any_device(chance);
    if (!home || !home->cookie.who) return true;
    const auto& other = *stage_.people[chance.below(stage_.people.size())];
    switch (what) {
    case deed::revoke: stage_.server->end_login(home->cookie.login); break;
    case deed::other_user:
        // Signs in with the same browser. Who is connected already stays so until that ends.
        home->cookie = {&other, login_id{chance.source().make_id(around_.wall_start_ms)}};
        for (const auto& one : stage_.tabs)
            if (const auto link = &one->home() == home && chance.one_in(2) ? one->connection() : nullptr)
                link->cut();
        break;
    case deed::sign_out: sign_out(*home, chance); break;
    case deed::stranger:
        if (other.user != home->owner.user) leave_behind(*home, other, chance);
        break;
    default: break;
    }
    return true;
}

/// In one of the tabs, which forgets what the device holds; the others hear of it. Later the same person is
/// back.
void world::sign_out(device& home, dice& chance) {
    const auto here = [&](const auto& one) { return &one->home() == &home; };
    const auto by = std::find_if(stage_.tabs.begin(), stage_.tabs.end(), [&](const auto& one) {
        return here(one) && one->works() && !one->asleep();
    });
    if (by == stage_.tabs.end()) return;
    around_.say((*by)->label(), "signs out");
    for (const auto op : home.disk.ops())
        seen_.excuse({home.owner.user, op}, "its author signed out");
    (*by)->tell(signed_out{});
    stage_.server->end_login(home.cookie.login);
    home.cookie = {};
    for (const auto& one : stage_.tabs)
        if (here(one)) hear_sign_out(one->number(), one == *by ? 0 : chance.upto(50));
    ++expected_;
    around_.clock.after(500 + chance.upto(20'000), [this, &home] {
        --expected_;
        sign_in(home);
    });
}

/// A tab that sleeps hears of it when it wakes, behind or before what else has waited.
void world::hear_sign_out(std::uint64_t number, std::int64_t after_ms) {
    ++expected_;
    around_.clock.after(after_ms, [this, number] {
        --expected_;
        auto* const mine = tab_of(number);
        if (!mine) return;
        if (mine->asleep())
            return hear_sign_out(number, mine->home().asleep_until_ms - around_.clock.now_ms() + number % 3);
        end_workers({mine}, end_of_life::closed);
        mine->forget();
        mine->start_worker();
    });
}

/// What a former user of this device left there, valid in every respect but whose it is.
void world::leave_behind(device& home, const person& former, dice& chance) {
    if (home.outboxes.empty()) return;
    kept_op op;
    op.outbox = *std::next(home.outboxes.begin(), chance.below(home.outboxes.size()));
    op.id = op_id{chance.source().make_id(home.clock.now().wall_ms)};
    op.room = stage_.rooms[chance.below(stage_.rooms.size())];
    op.text = "not yours";
    op.user = former.user;
    const auto record = to_record(op);
    home.disk.commit({{record.key, record.value}}, true);
}

}  // namespace parley::simulation
