#include "tests/simulation/server_process.hpp"

#include <algorithm>

namespace parley::simulation {

/// One hub with the work of its thread: what has happened waits until its turn.
struct server_process::hub_host {
    struct waiting {
        hub_fact fact;
        std::shared_ptr<const bytes> keep;  ///< what a message_arrived looks into
    };

    hub core;
    std::deque<waiting> facts;
    log_position position;
    std::map<session_handle, std::shared_ptr<link>> sessions;
    std::map<std::uint64_t, http_answer> answers;
    bool turn_due = false;
    std::uint64_t timer = 0;
};

/// What dies with a kill.
struct server_process::process {
    process(surroundings& around, memory_store& store, std::uint64_t& commits, std::uint64_t& handles,
            std::uint64_t& tokens, std::size_t hub_count, std::uint64_t epoch);
    ~process();

    hub_host& hub_of(user_id user) { return *hubs[id_hash{}(user) % hubs.size()]; }

    void tell(hub_host& h, hub_fact fact, std::shared_ptr<const bytes> keep = {});
    void turn(hub_host& h);
    void perform(hub_host& h, hub_effects& effects);
    void read_log(hub_host& h, hub_effects& out);
    void ask_store(hub_host& h, const query& question);
    query_answered answer_of(const query& question);
    void set_timer(hub_host& h);
    void log_grew();

    void committer_turn();
    void step_committer(const committer_fact& fact);
    commit_outcome commit(const write_batch& what);

    template <class Action>
    void later(std::int64_t delay_ms, Action action) {
        around.clock.after(delay_ms, [alive = alive, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }

    surroundings& around;
    memory_store& store;
    std::uint64_t& commits;
    std::uint64_t& handles;
    std::uint64_t& tokens;
    local_backbone backbone;
    std::vector<std::unique_ptr<hub_host>> hubs;
    committer writer;
    log_position writer_position;
    bool writer_due = false;
    std::uint64_t writer_timer = 0;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

server_process::process::process(surroundings& around_world, memory_store& durable,
                                 std::uint64_t& commit_count, std::uint64_t& handle_count,
                                 std::uint64_t& token_count, std::size_t hub_count, std::uint64_t epoch)
    : around(around_world),
      store(durable),
      commits(commit_count),
      handles(handle_count),
      tokens(token_count),
      backbone(epoch, [&around_world] { return around_world.clock.now_ms(); }),
      writer(epoch) {
    hub_config config;
    config.server_name = "simulation";
    for (std::size_t i = 0; i < hub_count; ++i)
        hubs.push_back(std::unique_ptr<hub_host>(
            new hub_host{hub{config, random_source{around.chance.next()}, epoch, backbone.end()},
                         {},
                         backbone.end(),
                         {},
                         {}}));
    writer_position = backbone.end();
}

server_process::process::~process() {
    *alive = false;
    for (auto& h : hubs)
        for (auto& [handle, connection] : h->sessions)
            connection->drop_server();
}

// ---- a hub's thread

void server_process::process::tell(hub_host& h, hub_fact fact, std::shared_ptr<const bytes> keep) {
    h.facts.push_back({std::move(fact), std::move(keep)});
    if (h.turn_due) return;
    h.turn_due = true;
    later(0, [this, &h] { turn(h); });
}

void server_process::process::turn(hub_host& h) {
    h.turn_due = false;
    hub_effects effects;
    auto facts = std::move(h.facts);
    h.facts.clear();
    for (const auto& f : facts)
        h.core.step(around.now(), f.fact, effects);
    perform(h, effects);
    read_log(h, effects);
    h.core.flush(around.now(), effects);
    perform(h, effects);
    set_timer(h);
    log_grew();
}

void server_process::process::perform(hub_host& h, hub_effects& effects) {
    // What a step asks for is done in order; an answer may ask for more.
    while (true) {
        hub_effects now;
        std::swap(now, effects);
        for (const auto& line : now.lines)
            around.say("hub", std::string(line.event) + " " + line.message + " " + line.meta_json);
        for (const auto& ask : now.queries)
            ask_store(h, ask);
        for (const auto& said : now.answers) {
            const auto at = h.answers.find(said.token);
            if (at == h.answers.end()) continue;
            const auto answer = std::move(at->second);
            h.answers.erase(at);
            later(around.upto(around.rate.latency_ms), [said, answer] { answer(said); });
        }
        if (!now.marks.empty()) {
            marks_gathered gathered;
            for (const auto& m : now.marks)
                gathered.marks.push_back(m.mark);
            step_committer(gathered);
        }
        for (const auto& send : now.sends) {
            const auto at = h.sessions.find(send.session);
            if (at == h.sessions.end()) continue;
            for (const auto& message : send.messages) {
                const auto payload = message->payload();
                at->second->down(bytes(payload.begin(), payload.end()));
            }
        }
        for (const auto& close : now.closes) {
            const auto at = h.sessions.find(close.session);
            if (at == h.sessions.end()) continue;
            at->second->close_by_server(static_cast<std::uint16_t>(close.code));
            h.sessions.erase(at);
            tell(h, session_closed{close.session});
        }
        if (now.appends.empty() && now.finds.empty()) return;
        for (auto& ask : now.appends) {
            auto answers = backbone.append(ask.epoch, ask.items);
            h.core.step(around.now(), appended{std::move(answers), std::move(ask.items)}, effects);
        }
        for (const auto& ask : now.finds)
            h.core.step(around.now(),
                        changes_found{ask.query, backbone.find(ask.epoch, ask.room, ask.changes)}, effects);
    }
}

/// In each turn, also when nothing is new: an op that waits for the log's end must know that this is it.
void server_process::process::read_log(hub_host& h, hub_effects& effects) {
    const auto read = backbone.read(h.position);
    h.position = read.position;
    h.core.step(around.now(), log_advanced{read.entries, read.gap, read.position, backbone.end()}, effects);
    perform(h, effects);
}

/// Hubs and the committer read on, each at its own pace.
void server_process::process::log_grew() {
    for (auto& h : hubs) {
        if (h->turn_due || h->position.next == backbone.end().next) continue;
        h->turn_due = true;
        later(around.upto(around.rate.hub_lag_ms), [this, host = h.get()] { turn(*host); });
    }
    if (writer_due || writer_position.next == backbone.end().next) return;
    writer_due = true;
    later(around.upto(around.rate.hub_lag_ms), [this] { committer_turn(); });
}

void server_process::process::ask_store(hub_host& h, const query& question) {
    // The snapshot is taken some time after the question and told some time after that.
    later(around.upto(around.rate.store_ms), [this, &h, question] {
        auto answer = answer_of(question);
        later(around.upto(around.rate.store_ms), [this, &h, answer = std::move(answer)] { tell(h, answer); });
    });
}

query_answered server_process::process::answer_of(const query& question) {
    const auto told = [&](auto&& answer) {
        query_answered out{question.query, error{errc::unavailable}};
        if (answer) out.answer = std::move(*answer);
        return out;
    };
    if (around.percent(around.rate.query_fails_percent))
        return {question.query, error{errc::unavailable, "simulated"}};
    if (const auto* q = std::get_if<load_room>(&question.ask)) return told(store.load_room(q->room));
    if (const auto* q = std::get_if<read_before>(&question.ask))
        return told(store.read_before(q->room, q->before, q->limit));
    if (const auto* q = std::get_if<read_after>(&question.ask))
        return told(store.read_after(q->room, q->after, q->limit));
    if (const auto* q = std::get_if<find_stored>(&question.ask)) return told(store.find(q->room, q->changes));
    if (const auto* q = std::get_if<rooms_of>(&question.ask)) return told(store.rooms_of(q->user));
    if (const auto* q = std::get_if<list_rooms>(&question.ask))
        return told(store.list_rooms(q->user, q->key, q->limit));
    const auto& q = std::get<list_members>(question.ask);
    return told(store.list_members(q.room, q.key, q.limit));
}

void server_process::process::set_timer(hub_host& h) {
    const auto deadline = h.core.deadline();
    if (!deadline) return;
    const auto number = ++h.timer;
    later(*deadline - around.clock.now_ms(), [this, &h, number] {
        if (number == h.timer) tell(h, deadline_passed{});
    });
}

// ---- the committer's thread

void server_process::process::committer_turn() {
    writer_due = false;
    const auto read = backbone.read(writer_position);
    require(!read.gap, "L14", "the log was trimmed above what the committer has read");
    writer_position = read.position;
    if (!read.entries.empty()) step_committer(entries_logged{read.entries});
    log_grew();
}

void server_process::process::step_committer(const committer_fact& fact) {
    committer_effects effects;
    writer.step(around.now(), fact, effects);
    for (const auto& settled : effects.settles)
        backbone.settle(settled);
    if (effects.state)
        for (auto& h : hubs)
            tell(*h, store_state_changed{effects.state->accepting});
    if (effects.write)
        later(around.upto(around.rate.store_ms), [this, what = std::move(*effects.write)] {
            auto outcome = commit(what);
            later(around.upto(around.rate.store_ms),
                  [this, outcome = std::move(outcome)] { step_committer(commit_answered{outcome}); });
        });
    if (const auto deadline = writer.deadline()) {
        const auto number = ++writer_timer;
        later(*deadline - around.clock.now_ms(), [this, number] {
            if (number == writer_timer) step_committer(committer_due{});
        });
    }
    log_grew();
}

commit_outcome server_process::process::commit(const write_batch& what) {
    if (around.percent(around.rate.commit_fails_percent))
        return {commit_outcome::kind::failed, {}, "simulated"};
    // A row that the store will not take stays so: chosen by its id, not by chance.
    for (const auto& entry : what.batch.events) {
        const auto& placed = std::get<placed_entry>(*entry);
        const bool poisoned = placed.event.kind == change_kind::message &&
                              placed.event.id.op.value.lo % 1000 < around.rate.row_refused_permille;
        const bool already = std::any_of(what.voided.begin(), what.voided.end(), [&](const settled_void& v) {
            return v.room == placed.event.room && v.place.seq == placed.event.seq;
        });
        if (poisoned && !already) return {commit_outcome::kind::row_refused, {}, "simulated"};
    }
    ++commits;
    return store.commit(what.batch, what.voided);
}

// ---- the process from outside

server_process::server_process(surroundings& around, std::size_t hubs) : around_(around), hub_count_(hubs) {}

server_process::~server_process() = default;

void server_process::start() {
    const auto epoch = store_.raise_epoch(around_.now().wall_ms, around_.chance.next());
    require(epoch.has_value(), "L6", "the epoch can't be raised");
    around_.say("server", "starts epoch " + std::to_string(*epoch));
    running_ = std::make_unique<process>(around_, store_, commits_, handles_, tokens_, hub_count_, *epoch);
}

void server_process::crash() {
    running_.reset();
}

bool server_process::accept(const std::shared_ptr<link>& connection, user_id user, const std::string& name) {
    if (!running_) return false;
    auto* const p = running_.get();
    auto& h = p->hub_of(user);
    const session_handle handle = ++handles_;
    h.sessions.emplace(handle, connection);
    connection->attach_server({[p, &h, handle](const bytes& message) {
                                   auto keep = std::make_shared<const bytes>(message);
                                   p->tell(h, message_arrived{handle, *keep}, keep);
                               },
                               [p, &h, handle](std::uint16_t) {
                                   h.sessions.erase(handle);
                                   p->tell(h, session_closed{handle});
                               }});
    p->tell(h, session_opened{handle, session_id{around_.chance.make_id(around_.now().wall_ms)}, login_id{},
                              user, name});
    return true;
}

bool server_process::post(user_id user, const std::string& name, const wire::op& op, http_answer answer) {
    if (!running_) return false;
    auto* const p = running_.get();
    auto& h = p->hub_of(user);
    const auto token = ++tokens_;
    h.answers.emplace(token, std::move(answer));
    p->tell(h, http_op{token, user, name, op});
    return true;
}

void server_process::require_quiet(std::size_t sessions) const {
    std::size_t sockets = 0, provisional = 0, links = 0;
    for (const auto& h : running_->hubs) {
        const auto counts = h->core.counts();
        sockets += counts.sockets;
        provisional += counts.provisional;
        links += h->sessions.size();
    }
    require(provisional == 0, "L14", "something is still provisional");
    require(sockets == links, "L19", "sessions outlive their sockets");
    require(sockets >= sessions, "L19", "a live tab has no session");
    require(running_->writer.drained(), "L14", "the committer still holds something");
}

}  // namespace parley::simulation
