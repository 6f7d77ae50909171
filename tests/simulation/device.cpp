#include "tests/simulation/device.hpp"

#include "tests/simulation/describe.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

client_config config_of(const surroundings& around) {
    client_config config;
    config.program = "simulation";
    config.outbox_locks = around.rate.locks;
    return config;
}

std::string prefix_of(ulid outbox) {
    return "outbox/" + to_text(outbox) + "/";
}

}  // namespace

tab::tab(surroundings& around, tab_host& host, profile& mine, ulid outbox, std::string label)
    : around_(around),
      host_(host),
      mine_(mine),
      outbox_(outbox),
      label_(std::move(label)),
      core_(config_of(around), random_source{around.chance.next()}) {
    mine_.locks[outbox_] = this;
    mine_.outboxes.insert(outbox_);
    started fact{mine_.user, mine_.name, outbox_, {}, false};
    for (const auto& [key, value] : mine_.records)
        fact.records.push_back({key, value});
    step(fact);
}

tab::~tab() {
    *alive_ = false;
    if (link_) link_->drop_device();
    if (!disk_.empty() && around_.chance.one_in(2)) apply(disk_.front());  // it was under way
    for (auto& op : unsaved_) {
        op.lost_with_tab = true;
        host_.composed(op);
    }
    for (auto it = mine_.locks.begin(); it != mine_.locks.end();)
        it = it->second == this ? mine_.locks.erase(it) : std::next(it);
}

void tab::step(const client_fact& fact) {
    client_effects effects;
    core_.step(around_.now(), fact, effects);
    perform(effects);
    set_timer();
}

void tab::set_timer() {
    const auto deadline = core_.deadline();
    if (!deadline) return;
    const auto number = ++timer_;
    around_.clock.after(*deadline - around_.clock.now_ms(), [this, number, alive = alive_] {
        if (*alive && number == timer_) step(deadline_passed_fact{});
    });
}

void tab::perform(client_effects& effects) {
    for (auto& effect : effects) {
        if (const auto* open = std::get_if<open_socket>(&effect)) {
            attempt_ = open->attempt;
            host_.connect(*this, open->attempt);
        } else if (auto* send = std::get_if<send_bytes>(&effect)) {
            if (around_.tell) around_.say(label_, "→ " + describe_up(send->message));
            if (link_ && send->attempt == attempt_) link_->up(std::move(send->message));
        } else if (const auto* close = std::get_if<close_socket>(&effect)) {
            if (link_ && close->attempt == attempt_) link_->close_by_device();
            link_.reset();
        } else if (auto* batch = std::get_if<persist>(&effect)) {
            disk_.push_back(std::move(*batch));
            write_next();
        } else if (const auto* done = std::get_if<acknowledge>(&effect)) {
            answer_ = *done;
        } else if (const auto* free = std::get_if<release_outbox>(&effect)) {
            if (free->outbox == outbox_) continue;
            mine_.locks.erase(free->outbox);
            for (const auto& [key, value] : mine_.records)
                require(key.rfind(prefix_of(free->outbox), 0) != 0, "L2",
                        label_ + " released an outbox with records");
        } else if (const auto* ask = std::get_if<ask_sign_in>(&effect)) {
            throw violation("sign-in asked of " + label_ + ": " + std::string(name_of(ask->code)));
        }
    }
}

void tab::connected(std::uint32_t attempt, std::shared_ptr<link> made) {
    if (attempt != attempt_) {
        if (made) made->close_by_device();
        return;
    }
    link_ = std::move(made);
    if (!link_) return step(socket_closed{attempt, 1006});
    link_->attach_device({[this, attempt](const bytes& message) {
                              if (around_.tell) around_.say(label_, "← " + describe_down(message));
                              step(bytes_arrived{attempt, message});
                          },
                          [this, attempt](std::uint16_t code) {
                              if (attempt == attempt_) link_.reset();
                              step(socket_closed{attempt, code});
                          }});
    step(socket_opened{attempt});
}

// ---- the disk: one batch at a time, in order, late

void tab::write_next() {
    if (writing_ || disk_.empty()) return;
    writing_ = true;
    around_.clock.after(around_.upto(around_.rate.disk_ms), [this, alive = alive_] {
        if (!*alive) return;
        const auto batch = std::move(disk_.front());
        disk_.pop_front();
        writing_ = false;
        apply(batch);
        step(persisted{batch.batch});
        write_next();
    });
}

void tab::apply(const persist& batch) {
    for (const auto& record : batch.put)
        mine_.records[record.key] = record.value;
    for (const auto& key : batch.drop)
        mine_.records.erase(key);
    for (auto it = unsaved_.begin(); it != unsaved_.end();) {
        const auto id = to_text(it->change.op);
        const bool saved = std::any_of(batch.put.begin(), batch.put.end(), [&](const stored_record& r) {
            return r.key.find(id) != std::string::npos;
        });
        if (!saved) {
            ++it;
            continue;
        }
        it->durable = true;
        host_.composed(*it);
        it = unsaved_.erase(it);
    }
}

// ---- what a person does

acknowledge tab::intend(intended what) {
    what.intent = ++around_.intents;  // never the number of a former page
    answer_.reset();
    step(what);
    require(answer_ && answer_->intent == what.intent, "intent", label_ + " got no acknowledgement");
    return *answer_;
}

void tab::note(change_id change, room_id room, change_kind kind, const std::string& text) {
    if (change.op.is_zero()) return;  // nothing was to be done
    require(change.author == mine_.user, "L1", label_ + " made an op of another author");
    composed_op op{change, room, outbox_, ++around_.composed, kind, text};
    host_.composed(op);
    unsaved_.push_back(op);
}

void tab::show(room_id room) {
    shown_ = room;
    intended what;
    what.kind = intended::what::show_room;
    what.room = room;
    intend(what);
}

void tab::say(room_id room, const std::string& text) {
    intended what;
    what.kind = intended::what::send_message;
    what.room = room;
    what.text = text;
    const auto done = intend(what);
    around_.say(label_,
                "says " + text + " as " + to_text(done.change.op) + " " + std::string(name_of(done.code)));
    if (done.code == errc::none) note(done.change, room, change_kind::message, text);
}

room_id tab::create(const std::string& name) {
    intended what;
    what.kind = intended::what::create_room;
    what.name = name;
    const auto done = intend(what);
    around_.say(label_, "creates " + name);
    if (done.code == errc::none) note(done.change, done.room, change_kind::create, name);
    return done.room;
}

void tab::join(room_id room) {
    intended what;
    what.kind = intended::what::join_room;
    what.room = room;
    const auto done = intend(what);
    around_.say(label_, "joins " + std::string(name_of(done.code)));
    if (done.code == errc::none) note(done.change, room, change_kind::join, "");
}

void tab::leave(room_id room) {
    intended what;
    what.kind = intended::what::leave_room;
    what.room = room;
    const auto done = intend(what);
    around_.say(label_, "leaves " + std::string(name_of(done.code)));
    if (done.code == errc::none) note(done.change, room, change_kind::leave, "");
}

void tab::discard_one() {
    const auto ops = core_.outbox();
    if (ops.empty()) return;
    const auto& one = ops[around_.chance.below(static_cast<std::uint32_t>(ops.size()))];
    if (one.kind != change_kind::message) return;
    intended what;
    what.kind = intended::what::discard_op;
    what.room = one.room;
    what.change = one.change;
    const auto done = intend(what);
    around_.say(label_, "discards " + to_text(one.change.op) + " " + std::string(name_of(done.code)));
    if (done.code != errc::none) return;
    composed_op op;
    op.change = one.change;
    op.discarded = true;
    host_.composed(op);
}

void tab::load_older(room_id room) {
    intended what;
    what.kind = intended::what::load_older;
    what.room = room;
    intend(what);
}

void tab::set_network(bool online) {
    step(network_changed{online});
}

void tab::wake() {
    step(page_shown{true});
}

void tab::claim_orphans() {
    for (const auto& outbox : mine_.outboxes) {
        if (outbox == outbox_ || mine_.locks.count(outbox)) continue;
        outbox_claimed fact{outbox, {}};
        const auto prefix = prefix_of(outbox);
        for (const auto& [key, value] : mine_.records)
            if (key.rfind(prefix, 0) == 0) fact.records.push_back({key, value});
        if (fact.records.empty()) continue;
        mine_.locks[outbox] = this;
        around_.say(label_, "takes over outbox " + to_text(outbox));
        return step(fact);
    }
}

bool tab::quiet() const {
    const auto ops = core_.outbox();
    return disk_.empty() && !writing_ &&
           std::all_of(ops.begin(), ops.end(), [](const auto& op) { return op.state == op_state::failed; });
}

void tab::inspect() {
    const auto* view = shown_.is_zero() ? nullptr : core_.room(shown_);
    if (!view) return;
    for (const auto& row : view->rows)
        host_.row_shown(*this, shown_, row);
}

}  // namespace parley::simulation
