#include "tests/simulation/world/world.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

constexpr std::uint64_t most_steps_at_once = 200'000;

std::string name_of_person(std::size_t n) {
    std::string name(1, static_cast<char>('a' + n % 26));
    return name + (n < 26 ? "nn" : std::to_string(n / 26));
}

}  // namespace

world::world(const plan& what, bool tell, witness* further)
    : plan_(what),
      around_(what.seed, what.rate, tell),
      seen_(around_),
      laws_(around_, seen_),
      stage_{around_, all_, seen_, {}, {}, {}, {}, nullptr, nullptr} {
    all_.add(seen_);
    laws_.attend(all_);
    if (further) all_.add(*further);
}

world::~world() {
    stage_.tabs.clear();
    stage_.server.reset();
}

outcome_of_world world::run() {
    outcome_of_world out;
    try {
        all_.tell([&](witness& w) { w.begun(stage_); });
        populate();
        const auto began_ms = around_.clock.now_ms();
        for (const auto& one : plan_.steps) {
            run_for(began_ms + one.at_ms - around_.clock.now_ms());
            act(one);
        }
        const auto healed_ms = around_.clock.now_ms();
        heal();
        out.settled_ms = around_.clock.now_ms() - healed_ms;
        judge();
        clear_away();
    } catch (const violation& broken) {
        out.law = broken.law;
        out.what = broken.what();
        around_.say("world", "breaks " + out.law + ": " + out.what);
    }
    out.steps = around_.clock.steps();
    for (const auto& [room, log] : seen_.histories())
        out.stored += log.size();
    out.fingerprint = fingerprint_;
    return out;
}

void world::run_for(std::int64_t ms) {
    const auto until = around_.clock.now_ms() + ms;
    auto moment = around_.clock.now_ms();
    std::uint64_t at_once = 0;
    while (around_.clock.step(until)) {
        at_once = around_.clock.now_ms() == moment ? at_once + 1 : 0;
        moment = around_.clock.now_ms();
        require(at_once < most_steps_at_once, "L14 bounds", "time stands still: something turns without end");
    }
}

// ---- the cast

void world::populate() {
    auto chance = around_.chance_of(stream::cast, 0);
    stage_.server = std::make_unique<server_process>(around_, all_, plan_.who.hubs);
    seen_.watch(stage_.server->store());
    stage_.server->start();
    stage_.programs = std::make_unique<http_programs>(around_, all_, *stage_.server);
    stage_.rooms.push_back(general_room);
    for (std::size_t i = 0; i < plan_.who.people; ++i)
        stage_.people.push_back(std::make_unique<person>(
            person{user_id{chance.source().make_id(around_.wall_start_ms)}, name_of_person(i), i}));
    const auto ask = [&](const person& who, room_id room, change_kind kind, const std::string& name) {
        wire::op op;
        op.id = op_id{chance.source().make_id(stage_.server->clock().now().wall_ms)};
        op.room = room;
        op.kind = kind;
        op.name = name;
        stage_.programs->ask(who, op, ++calls_, false);
    };
    for (const auto& who : stage_.people)
        ask(*who, general_room, change_kind::join, {});
    for (std::size_t i = 0; i < plan_.who.rooms; ++i) {
        stage_.rooms.push_back(room_id{chance.source().make_id(around_.wall_start_ms)});
        ask(*stage_.people[i % stage_.people.size()], stage_.rooms.back(), change_kind::create,
            "room " + std::to_string(i));
    }
    while (!stage_.programs->quiet())
        run_for(200);
    for (const auto& who : stage_.people)
        for (std::size_t i = 1; i < stage_.rooms.size(); ++i)
            if (chance.one_in(3)) ask(*who, stage_.rooms[i], change_kind::join, {});
    for (const auto& who : stage_.people) {
        const auto devices = 1 + chance.below(plan_.who.devices);
        for (std::uint32_t d = 0; d < devices; ++d) {
            auto& home = make_device(*who);
            const auto tabs = 1 + chance.below(plan_.who.tabs);
            for (std::uint32_t t = 0; t < tabs; ++t)
                open_tab(home, {});
        }
    }
}

device& world::make_device(const person& owner) {
    const auto number = ++devices_;
    auto chance = around_.chance_of(stream::cast, number);
    const auto& rate = around_.rate.clocks;
    const auto wrong_ms = chance.upto(rate.wrong_ms) * (chance.one_in(2) ? 1 : -1);
    const auto drift = chance.upto(2 * rate.drift_permille) - rate.drift_permille;
    stage_.devices.push_back(std::make_unique<device>(
        owner, number, machine_clock{around_, chance.upto(100'000), wrong_ms, drift}));
    auto& made = *stage_.devices.back();
    made.cookie = {&owner, login_id{chance.source().make_id(around_.wall_start_ms)}};
    return made;
}

/// A zero outbox: a new tab, with one of its own.
tab& world::open_tab(device& where, ulid outbox) {
    const auto number = ++tabs_;
    auto chance = around_.chance_of(stream::tab, 500'000'000 + number);
    if (outbox.is_zero() || where.locks.count(outbox) != 0)
        outbox = chance.source().make_id(where.clock.now().wall_ms);
    stage_.tabs.push_back(std::make_unique<tab>(around_, *this, where, outbox, number));
    auto& opened = *stage_.tabs.back();
    around_.say(opened.label(), "opens on device " + std::to_string(where.number) + " with outbox " +
                                    to_text(outbox).substr(21));
    opened.start_worker();
    opened.show(stage_.rooms[chance.below(stage_.rooms.size())]);
    around_.clock.after(1000 + chance.upto(200), [this, home = &where] { claim_orphans(*home); });
    return opened;
}

/// Outboxes whose lock is free, and which hold something, go to whoever got the lock first.
void world::claim_orphans(device& where) {
    if (!around_.rate.locks) return;  // each tab looks by itself
    auto chance =
        around_.chance_of(stream::cast, 1'000'000 + static_cast<std::uint64_t>(around_.clock.now_ms()));
    for (const auto& outbox : std::set<ulid>(where.outboxes)) {
        if (where.locks.count(outbox) != 0 || !where.disk.has_work(outbox, where.owner.user)) continue;
        std::vector<tab*> able;
        for (const auto& one : stage_.tabs)
            if (&one->home() == &where && one->keeps() && !one->asleep()) able.push_back(one.get());
        if (!able.empty()) chance.any_of(able)->adopt(outbox);
    }
}

tab* world::tab_of(std::uint64_t number) const {
    for (const auto& one : stage_.tabs)
        if (one->number() == number) return one.get();
    return nullptr;
}

/// What a worker held and nobody else has is gone; its author may hope, but no law says more.
void world::end_workers(const std::vector<tab*>& which, end_of_life how, dice* power_fails) {
    std::vector<std::pair<device*, change_id>> held;
    for (auto* one : which) {
        if (!one->works()) continue;
        for (const auto& op : one->core().outbox())
            if (op.state != op_state::failed) held.emplace_back(&one->home(), op.change);
        all_.tell([&](witness& w) { w.worker_gone(*one); });
        how == end_of_life::closed ? one->close() : one->kill_worker();
    }
    if (power_fails && !which.empty()) which.front()->home().disk.lose_tail(*power_fails);
    for (const auto& [home, change] : held) {
        const bool elsewhere = std::any_of(stage_.tabs.begin(), stage_.tabs.end(), [&](const auto& other) {
            if (!other->works() || &other->home() != home) return false;
            const auto ops = other->core().outbox();
            return std::any_of(ops.begin(), ops.end(), [&](const auto& o) { return o.change == change; });
        });
        if (!elsewhere && !home->disk.holds(change.op))
            seen_.excuse(change, "its worker died before the disk had it");
    }
}

void world::end_tab(tab& which, end_of_life how) {
    end_workers({&which}, how);
    forget_tab(which);
}

void world::forget_tab(tab& which) {
    auto* const home = &which.home();
    std::erase_if(stage_.tabs, [&](const auto& one) { return one.get() == &which; });
    auto chance =
        around_.chance_of(stream::cast, 2'000'000 + static_cast<std::uint64_t>(around_.clock.now_ms()));
    around_.clock.after(1000 + chance.upto(200), [this, home] { claim_orphans(*home); });
}

void world::restart_worker(tab& which, std::int64_t after_ms) {
    ++expected_;
    around_.clock.after(after_ms, [this, number = which.number()] {
        --expected_;
        if (auto* mine = tab_of(number)) mine->start_worker();
    });
}

// ---- what tabs ask of the world

void world::connect(tab& from, std::uint32_t attempt) {
    auto chance = around_.chance_of(stream::link,
                                    from.number() * 100'000 + from.life() * 1'000 + attempt + 1'000'000'000);
    const auto wait_ms = 1 + chance.upto(around_.rate.network.latency_ms);
    const bool refused = around_.fails(chance, around_.rate.network.refused_percent);
    around_.clock.after(wait_ms, [this, number = from.number(), life = from.life(), attempt, refused] {
        auto* const who = tab_of(number);
        if (!who || !who->works() || who->life() != life) return;
        auto made = std::make_shared<link>(around_, number * 100'000 + life * 1'000 + attempt);
        auto& home = who->home();
        if (refused || !home.cookie.who || !stage_.server->accept(made, home.cookie, home.owner.user))
            made.reset();
        around_.say(who->label(), made ? "connects" : "finds nobody listening");
        who->connected(attempt, std::move(made));
    });
}

void world::composed(tab& where, const composed_op& op) {
    all_.tell([&](witness& w) { w.composed(where, op); });
}

void world::logged(tab& where, const client_log& line) {
    all_.tell([&](witness& w) { w.logged(where, line); });
}

void world::stepped(tab& where, const client_fact& fact, const client_effects& effects) {
    fingerprint_ =
        mix64(fingerprint_ ^ (static_cast<std::uint64_t>(around_.clock.now_ms()) * 64 + fact.index()) ^
              (where.number() << 40) ^ (static_cast<std::uint64_t>(effects.size()) << 56));
    all_.tell([&](witness& w) { w.stepped(where, fact, effects); });
}

void world::drawn(tab& where) {
    all_.tell([&](witness& w) { w.drawn(where); });
}

void world::sign_in_asked(tab& where, errc why) {
    around_.say(where.label(), "asks to sign in: " + std::string(name_of(why)));
    auto chance =
        around_.chance_of(stream::cast, 3'000'000 + static_cast<std::uint64_t>(around_.clock.now_ms()));
    around_.clock.after(around_.healing ? 500 : 500 + chance.upto(20'000),
                        [this, home = &where.home()] { sign_in(*home); });
}

/// Its owner does, in one tab, and the others hear of it.
void world::sign_in(device& home) {
    auto chance =
        around_.chance_of(stream::cast, 4'000'000 + static_cast<std::uint64_t>(around_.clock.now_ms()));
    home.cookie = {&home.owner, login_id{chance.source().make_id(around_.wall_start_ms)}};
    for (const auto& one : stage_.tabs) {
        if (&one->home() != &home) continue;
        one->works() ? one->tell(signed_in{home.owner.user}) : one->start_worker();
    }
}

void world::user_forgotten(tab& where) {
    where.home().disk.clear();
}

void world::dying(tab& where, death how) {
    ++expected_;
    around_.clock.after(0, [this, number = where.number(), how] {
        --expected_;
        auto* const gone = tab_of(number);
        if (!gone) return;
        auto* const home = &gone->home();
        if (how == death::tab) {
            const auto outbox = gone->outbox();
            end_tab(*gone, end_of_life::killed);
            return static_cast<void>(open_tab(*home, number % 2 == 0 ? outbox : ulid{}));
        }
        end_workers({gone}, end_of_life::killed);
        restart_worker(*gone, 50);
    });
}

}  // namespace parley::simulation
