#include "tests/simulation/edges/server_process.hpp"

#include "shared/wire/codec.hpp"
#include "tests/simulation/edges/committer_host.hpp"
#include "tests/simulation/edges/hub_host.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace parley::simulation {

namespace {

constexpr std::int64_t drain_ms = 10'000;

hub_config config_of(const surroundings& around) {
    hub_config config;
    config.message_burst = around.rate.limits.burst;
    config.message_window_ms = around.rate.limits.window_ms;
    config.sessions_per_user = around.rate.limits.sessions_per_user;
    config.server_name = "simulation";
    return config;
}

}  // namespace

/// What dies with a kill.
struct server_process::process {
    process(server_process& mine, std::uint64_t epoch)
        : order(epoch, [&mine] { return mine.clock_.now().mono_ms; }),
          mood{mine.store_failing_, mine.store_full_, mine.store_stalled_until_ms_},
          in{mine.around_,          mine.all_, mine.store_,
             mine.clock_,           order,     [&mine] { return mine.spend(); },
             [this] { log_grew(); }},
          writer(in, mood, [this](bool accepting) { tell_all(store_state_changed{accepting}); }) {
        for (std::size_t i = 0; i < mine.hub_count_; ++i)
            hubs.push_back(std::make_unique<hub_host>(
                in, i, config_of(mine.around_), [this](const read_mark& mark) { writer.gather(mark); }));
        if (mood.full) tell_all(store_state_changed{false});
    }

    ~process() { *alive = false; }

    [[nodiscard]] hub_host& hub_of(user_id user) { return *hubs[mix64(user.value.lo) % hubs.size()]; }

    void tell_all(const hub_fact& fact) {
        for (auto& hub : hubs)
            hub->tell(fact);
    }

    void log_grew() {
        for (auto& hub : hubs)
            hub->log_grew();
        writer.log_grew();
    }

    local_backbone order;
    store_mood mood;
    inside in;
    std::vector<std::unique_ptr<hub_host>> hubs;
    committer_host writer;
    bool stopping = false;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

server_process::server_process(surroundings& around, audience& all, std::size_t hubs)
    : around_(around),
      all_(all),
      hub_count_(hubs),
      chance_(around.chance_of(stream::store, 0)),
      clock_(around, 1'000'000, chance_.upto(around.rate.clocks.wrong_ms > 10'000 ? 10'000 : 0), 0),
      store_(around, all) {}

server_process::~server_process() {
    running_.reset();
}

bool server_process::spend() {
    if (dying_) return false;
    if (!doom_ || (*doom_)-- > 0) return true;
    doom_.reset();
    dying_ = true;
    around_.say("server", "is killed between two effects");
    around_.clock.after(0, [this, number = processes_] {
        if (dying_ && number == processes_) bury();
    });
    return false;
}

void server_process::bury() {
    if (!running_) return;
    running_.reset();
    doom_.reset();
    dying_ = false;
    store_.recover(chance_);
    all_.tell([](witness& w) { w.server_died(); });
}

void server_process::start() {
    if (running_) return;
    ++processes_;
    const auto epoch = store_.raise_epoch(clock_.now().wall_ms, chance_.next());
    around_.say("server", "starts epoch " + std::to_string(epoch));
    running_ = std::make_unique<process>(*this, epoch);
}

void server_process::kill() {
    around_.say("server", "is killed");
    bury();
}

void server_process::doom(std::uint32_t effects_more) {
    if (running_) doom_ = effects_more;
}

void server_process::stop() {
    if (!running_ || dying_ || running_->stopping) return;
    around_.say("server", "stops");
    running_->stopping = true;
    for (auto& hub : running_->hubs)
        hub->shut_down();
    end_when_drained(around_.clock.now_ms() + drain_ms);
}

/// The committer writes on for as long as that takes.
void server_process::end_when_drained(std::int64_t by_ms) {
    around_.clock.after(10, [this, by_ms, alive = running_->alive] {
        if (!*alive) return;
        const bool done = running_->writer.drained() || around_.clock.now_ms() >= by_ms;
        done ? bury() : end_when_drained(by_ms);
    });
}

void server_process::lose_epoch() {
    if (!running_ || dying_) return;
    const auto epoch = store_.raise_epoch(clock_.now().wall_ms, chance_.next());
    around_.say("backbone", "loses what it knew; epoch " + std::to_string(epoch));
    all_.tell([](witness& w) { w.reloading(); });
    running_->order.begin(epoch);
    running_->log_grew();
}

void server_process::set_store_failing(bool failing) {
    store_failing_ = failing;
    if (running_) running_->mood.failing = failing;
}

void server_process::set_store_full(bool full) {
    store_full_ = full;
    if (!running_) return;
    running_->mood.full = full;
    running_->writer.look_at_store();
}

void server_process::stall_store(std::int64_t ms) {
    store_stalled_until_ms_ = around_.clock.now_ms() + ms;
    if (running_) running_->mood.stalled_until_ms = store_stalled_until_ms_;
}

bool server_process::accept(const std::shared_ptr<link>& connection, const signed_in_as& who, user_id owner) {
    if (!running_ || dying_ || running_->stopping) return false;
    running_->hub_of(who.who->user).adopt(++handles_, connection, who, owner);
    return true;
}

void server_process::end_login(login_id login) {
    if (running_) running_->tell_all(logins_ended{{login}});
}

bool server_process::post(const person& author, const wire::op& op, http_answer answer) {
    if (!running_ || dying_ || running_->stopping) return false;
    running_->hub_of(author.user).post({++tokens_, author.user, author.name, op}, std::move(answer));
    return true;
}

hub_counts server_process::counts() const {
    hub_counts sum;
    if (!running_) return sum;
    for (const auto& hub : running_->hubs) {
        const auto part = hub->core().counts();
        sum.sockets += part.sockets;
        sum.users += part.users;
        sum.rooms += part.rooms;
        sum.provisional += part.provisional;
        sum.ops += part.ops;
        sum.stored += part.stored;
    }
    return sum;
}

std::size_t server_process::sessions() const {
    std::size_t sum = 0;
    if (running_)
        for (const auto& hub : running_->hubs)
            sum += hub->size();
    return sum;
}

std::size_t server_process::provisional() const {
    return running_ ? running_->order.provisional() : 0;
}

bool server_process::drained() const {
    return !running_ || running_->writer.drained();
}

std::size_t server_process::unsent() const {
    std::size_t sum = 0;
    if (running_)
        for (const auto& hub : running_->hubs)
            sum += hub->unsent();
    return sum;
}

std::optional<deadline_ms> server_process::deadline() const {
    std::optional<deadline_ms> first;
    if (running_)
        for (const auto& hub : running_->hubs)
            if (const auto due = hub->core().deadline(); due && (!first || *due < *first)) first = due;
    return first;
}

}  // namespace parley::simulation
