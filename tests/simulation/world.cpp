#include "tests/simulation/world.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

/// How long after the last fault everything must have settled.
constexpr std::int64_t settle_within_ms = 240'000;

std::vector<wire::event> stored_events(memory_store& store, room_id room) {
    std::vector<wire::event> all;
    for (std::uint64_t after = 0;;) {
        const auto page = store.read_after(room, after, 1000);
        require(page.has_value(), "store", "a page can't be read");
        all.insert(all.end(), page->events.begin(), page->events.end());
        if (!page->more) return all;
        after = page->to;
    }
}

bool takes_effect(const wire::event& event) {
    return event.kind != change_kind::nothing;
}

}  // namespace

world::world(std::uint64_t seed, bool tell) : around_(seed) {
    around_.tell = tell;
    draw_rates();
}

world::~world() {
    tabs_.clear();
    server_.reset();
}

void world::draw_rates() {
    auto& chance = around_.chance;
    auto& rate = around_.rate;
    const auto pick = [&](std::initializer_list<std::int64_t> choices) {
        return *(choices.begin() +
                 static_cast<std::ptrdiff_t>(chance.below(static_cast<std::uint32_t>(choices.size()))));
    };
    rate.latency_ms = pick({1, 20, 150, 800});
    rate.disk_ms = pick({0, 10, 100, 2000});
    rate.store_ms = pick({1, 10, 100, 700});
    rate.hub_lag_ms = pick({0, 2, 30});
    rate.fault_every_ms = static_cast<std::uint32_t>(pick({0, 500, 2000, 10000}));
    rate.commit_fails_percent = static_cast<std::uint32_t>(pick({0, 0, 10, 50}));
    rate.row_refused_permille = static_cast<std::uint32_t>(pick({0, 0, 0, 30}));
    rate.query_fails_percent = static_cast<std::uint32_t>(pick({0, 0, 0, 10}));
    rate.locks = !chance.one_in(5);
}

// ---- the cast

void world::populate() {
    auto& chance = around_.chance;
    server_ = std::make_unique<server_process>(around_, 1 + chance.below(2));
    server_->start();
    rooms_.push_back(general_room);
    const auto people = 2 + chance.below(3);
    for (std::uint32_t i = 0; i < people; ++i) {
        auto person = std::make_unique<profile>();
        person->user = user_id{chance.make_id(around_.wall_start_ms)};
        person->name = std::string(1, static_cast<char>('a' + i)) + std::string("nn");
        people_.push_back(std::move(person));
    }
    for (auto& person : people_)
        ask_http(*person, general_room, change_kind::join, "");
    while (!all_answered()) {
        retry_http();
        run_for(100);
    }
    for (auto& person : people_) {
        const auto tabs = 1 + chance.below(2);
        for (std::uint32_t t = 0; t < tabs; ++t)
            open_tab(*person, false);
    }
}

void world::open_tab(profile& owner, bool again) {
    ulid outbox;
    if (again)
        for (const auto& id : owner.outboxes)
            if (!owner.locks.count(id)) outbox = id;
    if (outbox.is_zero()) outbox = around_.chance.make_id(around_.now().wall_ms);
    const auto label = owner.name + std::to_string(++tab_number_);
    around_.say(label, "opens with outbox " + to_text(outbox));
    tabs_.push_back(std::make_unique<tab>(around_, *this, owner, outbox, label));
    tabs_.back()->show(any_room());
}

room_id world::any_room() {
    return rooms_[around_.chance.below(static_cast<std::uint32_t>(rooms_.size()))];
}

tab& world::any_tab() {
    return *tabs_[around_.chance.below(static_cast<std::uint32_t>(tabs_.size()))];
}

// ---- what tabs ask of the world

void world::connect(tab& from, std::uint32_t attempt) {
    tab* const who = &from;
    const auto number = from.label();
    around_.clock.after(1 + around_.upto(around_.rate.latency_ms), [this, who, number, attempt] {
        const auto alive = std::any_of(tabs_.begin(), tabs_.end(),
                                       [&](const auto& t) { return t.get() == who && t->label() == number; });
        if (!alive) return;
        auto made = std::make_shared<link>(around_);
        if (!server_->accept(made, who->owner().user, who->owner().name)) made.reset();
        around_.say(number, made ? "connects" : "finds nobody listening");
        who->connected(attempt, std::move(made));
    });
}

void world::composed(const composed_op& op) {
    auto& known = composed_[op.change];
    if (op.discarded) {
        known.discarded = true;
        return;
    }
    if (op.lost_with_tab) {
        known.lost_with_tab = true;
        return;
    }
    const bool discarded = known.discarded;
    if (known.order != 0 && !op.durable)
        throw violation("L1: an op id was made twice " + to_text(op.change.op));
    known = op;
    known.discarded = discarded;
}

/// What is shown as committed is so in the store at this very moment, and stays so (L4).
void world::row_shown(const tab& where, room_id room, const row_view& row) {
    if (row.seq == 0 || !row.committed) return;
    const auto page = server_->store().read_after(room, row.seq - 1, 1);
    require(page && !page->events.empty() && page->events[0].id == row.change, "L4",
            where.label() + " shows as committed what is not stored at " + std::to_string(row.seq));
    const auto [known, first] = shown_committed_.emplace(std::make_pair(room, row.seq), row.change);
    require(first || known->second == row.change, "P2", "two clients show different changes at one place");
}

// ---- the plot

void world::act() {
    auto& chance = around_.chance;
    auto& who = any_tab();
    const auto room = chance.below(4) == 0 || who.shown().is_zero() ? any_room() : who.shown();
    switch (chance.below(14)) {
    case 0: who.join(room); break;
    case 1:
        if (chance.one_in(3)) who.leave(room);
        break;
    case 2:
        if (rooms_.size() < 4) {
            rooms_.push_back(who.create("room " + std::to_string(rooms_.size())));
            if (chance.one_in(2))
                who.say(rooms_.back(), "first words " + std::to_string(++outcome_.messages));
        }
        break;
    case 3: who.show(any_room()); break;
    case 4: who.discard_one(); break;
    case 5: who.load_older(room); break;
    case 6: post(*people_[chance.below(static_cast<std::uint32_t>(people_.size()))]); break;
    case 7:
        who.join(room);
        who.say(room, "just joined " + std::to_string(++outcome_.messages));
        break;
    default: {
        const auto burst = chance.one_in(6) ? 8u : 1 + chance.below(2);
        for (std::uint32_t i = 0; i < burst; ++i)
            who.say(room, "words " + std::to_string(++outcome_.messages));
    }
    }
    who.inspect();
}

void world::fault() {
    auto& chance = around_.chance;
    switch (chance.below(8)) {
    case 0:
        if (server_->up()) {
            ++outcome_.crashes;
            around_.say("server", "is killed");
            server_->crash();
            around_.clock.after(200 + around_.upto(4000), [this] {
                if (!server_->up()) server_->start();
            });
        }
        break;
    case 1:
    case 2:
    case 3: {
        auto& who = any_tab();
        if (who.connection()) {
            ++outcome_.cuts;
            around_.say(who.label(), "is cut off");
            who.connection()->cut();
        }
        break;
    }
    case 4:
        if (any_tab().connection()) any_tab().wake();
        break;
    case 5: {
        auto& who = any_tab();
        if (who.connection()) who.connection()->stall(around_.upto(20'000));
        break;
    }
    case 6: {
        const auto at = chance.below(static_cast<std::uint32_t>(tabs_.size()));
        auto& owner = *std::find_if(people_.begin(), people_.end(), [&](const auto& p) {
                           return p.get() == &tabs_[at]->owner();
                       })->get();
        ++outcome_.deaths;
        around_.say(tabs_[at]->label(), "dies");
        tabs_.erase(tabs_.begin() + static_cast<std::ptrdiff_t>(at));
        open_tab(owner, chance.one_in(2));
        break;
    }
    case 7: {
        auto& who = any_tab();
        who.set_network(false);
        const auto label = who.label();
        around_.clock.after(around_.upto(5000), [this, label] {
            for (auto& t : tabs_)
                if (t->label() == label) t->set_network(true);
        });
        break;
    }
    default: break;
    }
}

// ---- programs that post with a key, and retry

void world::post(profile& author) {
    ask_http(author, any_room(), change_kind::message, "posted " + std::to_string(++outcome_.messages));
}

void world::ask_http(profile& author, room_id room, change_kind kind, const std::string& text) {
    auto call = std::make_unique<http_call>();
    call->op.change = {author.user, op_id{around_.chance.make_id(around_.now().wall_ms)}};
    call->op.room = room;
    call->op.kind = kind;
    call->op.text = text;
    call->op.durable = true;
    call->user_name = author.name;
    calls_.push_back(std::move(call));
    retry_http();
}

bool world::all_answered() const {
    return std::all_of(calls_.begin(), calls_.end(), [](const auto& c) { return c->answered; });
}

void world::run_for(std::int64_t ms) {
    const auto until = around_.clock.now_ms() + ms;
    while (around_.clock.step(until)) {
    }
}

void world::retry_http() {
    for (auto& call : calls_) {
        if (call->answered || (call->tries > 0 && !around_.chance.one_in(3))) continue;
        ++call->tries;
        wire::op op;
        op.id = call->op.change.op;
        op.room = call->op.room;
        op.kind = call->op.kind;
        op.text = call->op.text;
        op.again = true;
        auto* const c = call.get();
        server_->post(call->op.change.author, call->user_name, op, [this, c](const answer_http& answer) {
            around_.say("http", to_text(c->op.change.op) + " outcome " +
                                    std::to_string(static_cast<int>(answer.reply.outcome)) + " " +
                                    std::string(name_of(answer.reply.code)));
            if (answer.reply.outcome != outcome::committed && answer.reply.outcome != outcome::rejected)
                return;
            // Where there is no room there is no place for a void: such a refusal binds no other copy (L8).
            const bool binding = c->answered && c->verdict.code != errc::no_such_room &&
                                 answer.reply.code != errc::no_such_room;
            const bool same =
                (answer.reply.kind == change_kind::nothing) == (c->verdict.kind == change_kind::nothing);
            require(!binding || c->op.kind != change_kind::message || same, "L7",
                    "a key was answered with two verdicts");
            c->answered = true;
            c->verdict = answer.reply;
        });
    }
}

// ---- the end: no more faults, then everything must settle

outcome_of_world world::run() {
    try {
        populate();
        const auto acts = 10 + around_.chance.below(60);
        std::int64_t next_fault = around_.upto(2 * around_.rate.fault_every_ms);
        for (std::uint32_t i = 0; i < acts; ++i) {
            run_for(around_.upto(around_.chance.one_in(10) ? 5000 : 200));
            act();
            if (around_.rate.fault_every_ms && around_.clock.now_ms() >= next_fault) {
                fault();
                next_fault = around_.clock.now_ms() + around_.upto(2 * around_.rate.fault_every_ms);
            }
        }
        heal();
        judge();
    } catch (const violation& broken) {
        outcome_.violation = broken.what();
    }
    outcome_.steps = around_.clock.steps();
    return outcome_;
}

std::uint64_t world::head_of(room_id room) {
    const auto page = server_->store().read_before(room, 0, 1);
    require(page.has_value(), "store", "a page can't be read");
    return page->head;
}

bool world::quiet() {
    if (!server_->up()) return false;
    for (const auto& t : tabs_) {
        if (!t->connection() || !t->connection()->usable()) return false;
        if (!t->quiet() || t->core().status(around_.now()).connection != connection_state::live) return false;
        for (const auto* room : t->core().rooms())
            if (room->joined && (!room->caught_up || room->w != head_of(room->id))) return false;
    }
    for (const auto& person : people_)
        for (const auto& [key, value] : person->records)
            if (key.find("/op/") != std::string::npos && !held_by_a_tab(*person, key)) return false;
    return all_answered();
}

/// Records of outboxes that no tab has taken over yet are still to be settled.
bool world::held_by_a_tab(const profile& owner, const std::string& key) const {
    return std::any_of(owner.locks.begin(), owner.locks.end(),
                       [&](const auto& lock) { return key.find(to_text(lock.first)) != std::string::npos; });
}

void world::heal() {
    around_.say("world", "heals");
    around_.healing = true;
    around_.rate.latency_ms = std::min<std::int64_t>(around_.rate.latency_ms, 50);
    if (!server_->up()) server_->start();
    for (auto& t : tabs_)
        t->set_network(true);
    const auto by = around_.clock.now_ms() + settle_within_ms;
    while (!quiet()) {
        if (around_.clock.now_ms() >= by) {
            std::string stuck;
            for (auto& t : tabs_) {
                stuck += " " + t->label() + ":" +
                         std::to_string(static_cast<int>(t->core().status(around_.now()).connection));
                for (const auto& op : t->core().outbox())
                    stuck += " " + to_text(op.change.op) + "/" + std::to_string(static_cast<int>(op.state));
            }
            for (auto& c : calls_)
                if (!c->answered) stuck += " http " + to_text(c->op.change.op);
            throw violation("liveness: not settled" + stuck);
        }
        for (auto& t : tabs_)
            t->claim_orphans();
        retry_http();
        run_for(500);
    }
    // Watermarks may be told a little later, and hubs may read on.
    run_for(3000);
}

// ---- the checks

void world::judge() {
    std::map<change_id, std::pair<room_id, std::uint64_t>> places;
    for (const auto room : rooms_) {
        std::uint64_t seq = 0;
        std::set<user_id> members;
        for (const auto& event : stored_events(server_->store(), room)) {
            ++seq;
            require(event.seq == seq, "L3", "the log has a hole at " + std::to_string(seq));
            if (!takes_effect(event)) continue;
            require(places.emplace(event.id, std::make_pair(room, seq)).second, "P1", "stored twice");
            if (event.kind == change_kind::message || event.kind == change_kind::leave)
                require(members.count(event.id.author) > 0, "L13",
                        "an op of who was no member at " + std::to_string(seq));
            if (event.kind == change_kind::leave) members.erase(event.id.author);
            if (event.kind == change_kind::join || event.kind == change_kind::create)
                members.insert(event.id.author);
        }
    }

    std::map<std::pair<ulid, room_id>, std::vector<std::pair<std::uint64_t, std::uint64_t>>> lanes;
    for (const auto& [id, op] : composed_) {
        if (op.order == 0) continue;
        judge_op(op);
        const auto at = places.find(id);
        if (at != places.end()) lanes[{op.outbox, op.room}].push_back({op.order, at->second.second});
    }
    for (auto& [lane, ops] : lanes) {
        std::sort(ops.begin(), ops.end());
        for (std::size_t i = 1; i < ops.size(); ++i)
            require(ops[i - 1].second < ops[i].second, "L3",
                    "a lane is out of order at " + std::to_string(ops[i].second));
    }
    for (const auto& call : calls_) {
        if (call->op.kind != change_kind::message) continue;
        const auto at = places.find(call->op.change);
        if (call->verdict.code == errc::no_such_room) continue;
        const bool said =
            call->verdict.outcome == outcome::committed && call->verdict.kind != change_kind::nothing;
        require(said == (at != places.end()), "L7", "an HTTP verdict and the store disagree");
        if (said) require(at->second.second == call->verdict.seq, "L7", "an HTTP answer names another place");
    }

    std::size_t sessions = 0;
    for (auto& t : tabs_) {
        judge_timeline(*t);
        ++sessions;
    }
    server_->require_quiet(sessions);
}

/// P1: what left the composer is stored once, or its author was told why not.
void world::judge_op(const composed_op& op) {
    const auto found = server_->store().find(op.room, std::vector<change_id>{op.change});
    require(found.has_value(), "store", "can't be asked");
    const auto& place = found->places[0];
    const bool stands = place.seq != 0 && place.kind != change_kind::nothing;
    if (stands || op.discarded || op.kind != change_kind::message) return;
    if (place.seq != 0) {
        require(place.code != errc::discarded, "L2", "discarded though nobody asked: " + op.text);
        return;  // a durable refusal
    }
    if (op.lost_with_tab && !op.durable) return;
    for (auto& t : tabs_) {
        if (t->owner().user != op.change.author) continue;
        if (const auto* room = t->core().room(op.room))
            for (const auto& row : room->rows)
                if (row.change == op.change && row.state == op_state::failed) return;
    }
    // A plain refusal is remembered by the tab that was told; the tab may be gone. It needs a reason: not a
    // member.
    const auto events = stored_events(server_->store(), op.room);
    bool was_always_member = true;
    bool member = false;
    for (const auto& e : events) {
        if (!(e.id.author == op.change.author)) continue;
        if (e.kind == change_kind::leave) was_always_member = false;
        if (e.kind == change_kind::join || e.kind == change_kind::create) member = true;
    }
    require(!(was_always_member && member), "P1", "lost: " + op.text + " " + to_text(op.change.op));
}

/// P2: what a tab holds of a joined room is what the store holds, without a gap up to the head.
void world::judge_timeline(tab& t) {
    for (const auto* listed : t.core().rooms()) {
        if (!listed->joined) continue;
        const auto* view = t.core().room(listed->id);
        const auto events = stored_events(server_->store(), listed->id);
        const auto who = t.label() + " in " + listed->name;
        require(view->w == events.size(), "P2",
                who + " is at " + std::to_string(view->w) + " of " + std::to_string(events.size()));
        std::uint64_t next = view->held_from;
        std::set<change_id> seen;
        for (const auto& row : view->rows) {
            require(seen.insert(row.change).second, "P1", who + " shows a row twice");
            if (row.seq == 0) {
                require(row.state == op_state::failed, "L2", who + " shows an own row without a place");
                continue;
            }
            if (row.withdrawn) continue;
            require(row.committed && !row.dimmed, "P2", who + " shows a provisional row in the end");
            require(row.seq > next, "P2", who + " shows rows out of order");
            for (++next; next < row.seq; ++next)
                require(events[next - 1].kind != change_kind::message, "P2",
                        who + " misses " + std::to_string(next));
            require(events[row.seq - 1].id == row.change, "P2",
                    who + " shows another change at " + std::to_string(row.seq));
            require(row.kind != change_kind::message || events[row.seq - 1].text == row.text, "P2",
                    who + " shows another text");
        }
        for (++next; next <= events.size(); ++next)
            require(events[next - 1].kind != change_kind::message, "P2",
                    who + " misses the end " + std::to_string(next));
    }
}

}  // namespace parley::simulation
