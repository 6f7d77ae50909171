#include "tests/simulation/edges/tab.hpp"

#include "tests/simulation/base/describe.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

namespace {

constexpr std::int64_t frame_ms = 16;
constexpr std::int64_t beat_ms = 10'000;

client_config config_of(const surroundings& around) {
    client_config config;
    config.program = "simulation";
    config.outbox_locks = around.rate.locks;
    return config;
}

std::uint64_t first_intent(std::uint64_t tab) {
    return tab * 1'000'000;  // never the number of another page
}

}  // namespace

tab::worker::worker(surroundings& around, tab& mine, std::uint64_t life)
    : core(config_of(around), random_source{around.chance_of(stream::tab, life).next()}),
      disk(around, mine.home_.disk, life, {[&mine](const client_fact& fact) { mine.tell(fact); }}) {}

tab::tab(surroundings& around, tab_host& host, device& where, ulid outbox, std::uint64_t number)
    : around_(around),
      host_(host),
      home_(where),
      outbox_(outbox),
      number_(number),
      label_(where.owner.name + std::to_string(number)),
      chance_(around.chance_of(stream::tab, number)),
      intents_(first_intent(number)) {
    if (!around_.rate.locks) beat();
}

tab::~tab() {
    kill_worker();
    *page_ = false;
}

// ---- the worker's life

void tab::start_worker() {
    if (worker_ || !home_.cookie.who) return;
    // While there was no worker, another tab may have taken the outbox over: it keeps it.
    if (around_.rate.locks && home_.locks.count(outbox_) != 0)
        outbox_ = chance_.source().make_id(home_.clock.now().wall_ms);
    home_.locks[outbox_] = this;
    home_.outboxes.insert(outbox_);
    home_.beats[outbox_] = around_.clock.now_ms();
    life_ = std::make_shared<bool>(true);
    worker_ = std::make_unique<worker>(around_, *this, number_ * 1000 + ++lives_);
    tell(started{home_.owner.user, home_.owner.name, outbox_, home_.disk.all_records(), false});
    // A new core knows nothing of what its forerunner showed.
    std::erase_if(waiting_, [](const intended& i) { return i.kind == intended::what::show_room; });
    const std::vector<intended> again{waiting_};
    if (!shown_.is_zero()) show(shown_);
    for (const auto& one : again)
        tell(one);
}

void tab::kill_worker() {
    if (!worker_) return;
    *life_ = false;
    if (worker_->connection) worker_->connection->drop(link::way::up);
    worker_.reset();
    doom_.reset();
    for (auto at = home_.locks.begin(); at != home_.locks.end();)
        at = at->second == this ? home_.locks.erase(at) : std::next(at);
}

void tab::close() {
    if (worker_ && worker_->connection) {
        worker_->connection->close(link::way::up, 1000);
        worker_->connection.reset();
    }
    kill_worker();
}

void tab::forget() {
    waiting_.clear();
    outbox_ = chance_.source().make_id(home_.clock.now().wall_ms);
}

void tab::doom(death how, std::uint32_t effects_more) {
    doom_ = {how, effects_more};
}

bool tab::quiet() const {
    if (!worker_ || asleep() || !waiting_.empty() || !worker_->disk.idle()) return false;
    const auto ops = worker_->core.outbox();
    return std::all_of(ops.begin(), ops.end(), [](const auto& op) { return op.state == op_state::failed; });
}

// ---- facts and effects

void tab::tell(client_fact fact) {
    if (!worker_ || worker_->dying) return;
    if (!asleep() && worker_->late.empty()) return step(fact);
    bytes keep;
    if (const auto* arrived = std::get_if<bytes_arrived>(&fact))
        keep.assign(arrived->message.begin(), arrived->message.end());
    worker_->late.emplace_back(std::move(fact), std::move(keep));
}

/// Whether timers or what the network brought comes first after a sleep differs between browsers.
void tab::wake_up() {
    if (!worker_ || asleep()) return;
    const auto life = life_;
    if (chance_.one_in(2) && std::exchange(worker_->timer_is_late, false)) step(deadline_passed_fact{});
    while (*life && !worker_->dying && !worker_->late.empty()) {
        auto [fact, keep] = std::move(worker_->late.front());
        worker_->late.pop_front();
        if (auto* arrived = std::get_if<bytes_arrived>(&fact)) arrived->message = keep;
        step(fact);
    }
    if (*life && !worker_->dying && std::exchange(worker_->timer_is_late, false))
        step(deadline_passed_fact{});
}

void tab::step(const client_fact& fact) {
    client_effects effects;
    worker_->core.step(now(), fact, effects);
    if (around_.tell) around_.say(label_, describe(fact, effects));
    // What a step has made is so, even if this worker dies before anybody hears of it.
    for (const auto& effect : effects)
        if (const auto* answer = std::get_if<acknowledge>(&effect)) made(*answer);
    host_.stepped(*this, fact, effects);
    const auto life = life_;
    perform(effects);
    if (*life && !worker_->dying) set_timer();
}

void tab::perform(const client_effects& effects) {
    for (const auto& effect : effects) {
        if (doom_ && doom_->second-- == 0) {
            worker_->dying = true;
            around_.say(label_, "dies between two effects");
            return host_.dying(*this, std::exchange(doom_, std::nullopt)->first);
        }
        carry_out(effect);
    }
}

void tab::carry_out(const client_effect& effect) {
    auto& mine = *worker_;
    if (const auto* open = std::get_if<open_socket>(&effect)) {
        mine.attempt = open->attempt;
        host_.connect(*this, open->attempt);
    } else if (const auto* send = std::get_if<send_bytes>(&effect)) {
        if (mine.connection && send->attempt == mine.attempt)
            mine.connection->send(link::way::up, send->message);
    } else if (const auto* close = std::get_if<close_socket>(&effect)) {
        if (close->attempt != mine.attempt) return;
        if (mine.connection) mine.connection->close(link::way::up, close->code);
        mine.connection.reset();
    } else if (const auto* batch = std::get_if<persist>(&effect)) {
        mine.disk.write(*batch);
    } else if (const auto* answer = std::get_if<acknowledge>(&effect)) {
        acknowledged(*answer);
    } else if (const auto* free = std::get_if<release_outbox>(&effect)) {
        require(!(free->outbox == outbox_), "L2", label_ + " released its own outbox");
        require(
            !around_.rate.locks || mine.disk.closed() || !home_.disk.has_work(free->outbox, home_.owner.user),
            "L2 one verdict", label_ + " released an outbox with records");
        home_.locks.erase(free->outbox);
    } else if (const auto* ask = std::get_if<ask_sign_in>(&effect)) {
        host_.sign_in_asked(*this, ask->code);
    } else if (std::holds_alternative<forget_user>(effect)) {
        host_.user_forgotten(*this);
    } else if (const auto* line = std::get_if<client_log>(&effect)) {
        host_.logged(*this, *line);
    } else {
        draw_soon();
    }
}

void tab::draw_soon() {
    if (std::exchange(worker_->to_draw, true)) return;
    later(frame_ms, [this] {
        worker_->to_draw = false;
        if (!worker_->dying) host_.drawn(*this);
    });
}

void tab::set_timer() {
    auto& mine = *worker_;
    const auto deadline = mine.core.deadline();
    if (deadline == mine.timer) return;
    mine.timer = deadline;
    const auto number = ++mine.timer_number;
    if (deadline) later(home_.clock.until(*deadline), [this, number] { timer_passed(number); });
}

void tab::timer_passed(std::uint64_t number) {
    auto& mine = *worker_;
    if (number != mine.timer_number) return;
    const auto late_ms = home_.timers_late_until_ms - around_.clock.now_ms();
    if (late_ms > 0) return later(late_ms, [this, number] { timer_passed(number); });
    mine.timer.reset();
    if (asleep()) {
        mine.timer_is_late = true;
        return;
    }
    if (!mine.dying) step(deadline_passed_fact{});
}

void tab::connected(std::uint32_t attempt, std::shared_ptr<link> made) {
    if (!worker_ || attempt != worker_->attempt) {
        if (made) made->close(link::way::up, 1000);
        return;
    }
    if (!made) return tell(socket_closed{attempt, 1006});
    const auto life = life_;
    made->attach_device({[this, life, attempt](const bytes& message) {
                             if (*life) tell(bytes_arrived{attempt, message});
                         },
                         [this, life, attempt](std::uint16_t code) {
                             if (!*life) return;
                             if (attempt == worker_->attempt) worker_->connection.reset();
                             tell(socket_closed{attempt, code});
                         }});
    worker_->connection = std::move(made);
    tell(socket_opened{attempt});
}

bool tab::adopt(const ulid& orphan) {
    if (!keeps() || worker_->dying || asleep() || orphan == outbox_) return false;
    if (!home_.disk.has_work(orphan, home_.owner.user)) return false;
    auto records = home_.disk.records_of(orphan);
    const bool free = home_.locks.emplace(orphan, this).second;
    if (around_.rate.locks && !free) return false;
    tell(outbox_claimed{orphan, std::move(records)});
    return true;
}

/// Where there are no locks: a sign of life of its own, and a look for outboxes without one.
void tab::beat() {
    around_.clock.after(beat_ms, [this, page = page_] {
        if (!*page) return;
        if (worker_ && !asleep()) {
            home_.beats[outbox_] = around_.clock.now_ms();
            for (const auto& outbox : std::set<ulid>(home_.outboxes)) {
                if (around_.clock.now_ms() - home_.beats[outbox] <= 3 * beat_ms) continue;
                if (adopt(outbox)) home_.beats[outbox] = around_.clock.now_ms();
            }
        }
        beat();
    });
}

// ---- what a person does

void tab::intend(intended what) {
    const bool by_page = what.kind == intended::what::show_room;  // which needs nobody awake
    if (!worker_ || worker_->dying || (asleep() && !by_page)) return;
    what.intent = ++intents_;
    waiting_.push_back(what);
    tell(what);
}

void tab::acknowledged(const acknowledge& answer) {
    std::erase_if(waiting_, [&](const intended& i) { return i.intent == answer.intent; });
    room_made_ = answer.room;
}

void tab::made(const acknowledge& answer) {
    const auto asked = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const intended& i) { return i.intent == answer.intent; });
    if (asked == waiting_.end() || answer.code != errc::none || answer.change.op.is_zero()) return;
    const auto& what = *asked;
    composed_op op{answer.change, answer.room, outbox_, answer.intent, change_kind::message, what.text, {}};
    switch (what.kind) {
    case intended::what::send_message: break;
    case intended::what::create_room:
        op.kind = change_kind::create;
        op.text = what.name;
        break;
    case intended::what::join_room: op.kind = change_kind::join; break;
    case intended::what::leave_room: op.kind = change_kind::leave; break;
    case intended::what::retry_op:
        if (answer.change == what.change) return;  // the same op, at once
        op.instead_of = what.change;
        for (const auto& held : worker_->core.outbox())
            if (held.change == answer.change) op.kind = held.kind;
        break;
    default: return;
    }
    host_.composed(*this, op);
}

void tab::show(room_id room) {
    shown_ = room;
    ask(intended::what::show_room, room);
}

void tab::ask(intended::what what, room_id room) {
    intended wish;
    wish.kind = what;
    wish.room = room;
    intend(wish);
}

void tab::say(room_id room, const std::string& text) {
    intended wish;
    wish.kind = intended::what::send_message;
    wish.room = room;
    wish.text = text;
    intend(wish);
}

room_id tab::create(const std::string& name) {
    room_made_ = {};
    intended wish;
    wish.kind = intended::what::create_room;
    wish.name = name;
    intend(wish);
    return room_made_;
}

void tab::join(room_id room) {
    ask(intended::what::join_room, room);
}

void tab::leave(room_id room) {
    ask(intended::what::leave_room, room);
}

void tab::draft(room_id room, const std::string& text) {
    intended wish;
    wish.kind = intended::what::save_draft;
    wish.room = room;
    wish.text = text;
    intend(wish);
}

void tab::with_op(intended::what what, const row_view& op) {
    intended wish;
    wish.kind = what;
    wish.room = op.room;
    wish.change = op.change;
    intend(wish);
}

}  // namespace parley::simulation
