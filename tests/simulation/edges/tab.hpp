#pragma once

#include "shared/client/client.hpp"
#include "tests/simulation/edges/device.hpp"
#include "tests/simulation/edges/link.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley::simulation {

/// An op as its author's page knows it.
struct composed_op {
    change_id change;
    room_id room;
    ulid outbox;
    std::uint64_t intent = 0;
    change_kind kind = change_kind::message;
    std::string text;
    change_id instead_of;  ///< the failed op that this one tries again
};

enum class death : std::uint8_t { worker, tab };

/// What the world does for its tabs, and wants to know of them.
class tab_host {
public:
    virtual ~tab_host() = default;

    virtual void connect(tab& from, std::uint32_t attempt) = 0;
    virtual void composed(tab& where, const composed_op& op) = 0;
    virtual void logged(tab& where, const client_log& line) = 0;
    virtual void stepped(tab& where, const client_fact& fact, const client_effects& effects) = 0;
    virtual void drawn(tab& where) = 0;
    virtual void sign_in_asked(tab& where, errc why) = 0;
    virtual void user_forgotten(tab& where) = 0;
    virtual void dying(tab& where, death how) = 0;  ///< to be buried, not at once
};

/// One tab: a page, and a worker in which the real client lives, with a disk that lags and a network that
/// fails. The page outlives its workers, and repeats to the next one what the last did not acknowledge.
class tab {
public:
    tab(surroundings& around, tab_host& host, device& where, ulid outbox, std::uint64_t number);
    ~tab();
    tab(const tab&) = delete;
    tab& operator=(const tab&) = delete;

    // ---- what it is
    [[nodiscard]] const std::string& label() const { return label_; }

    [[nodiscard]] std::uint64_t number() const { return number_; }

    [[nodiscard]] device& home() { return home_; }

    [[nodiscard]] const person& owner() const { return home_.owner; }

    [[nodiscard]] ulid outbox() const { return outbox_; }

    [[nodiscard]] room_id shown() const { return shown_; }

    // ---- its worker
    /// Nothing, while nobody is signed in here.
    void start_worker();
    /// Without a word to anybody, as a crash does.
    void kill_worker();
    /// Orderly: socket and database are closed.
    void close();
    /// Its person has signed out: the page is blank, and whoever comes next begins anew.
    void forget();
    /// It dies when so many more effects have been carried out.
    void doom(death how, std::uint32_t effects_more);

    /// Counts its workers.
    [[nodiscard]] std::uint64_t life() const { return lives_; }

    [[nodiscard]] bool works() const { return worker_ != nullptr; }

    [[nodiscard]] bool asleep() const { return home_.asleep_until_ms > around_.clock.now_ms(); }

    [[nodiscard]] client& core() { return worker_->core; }

    [[nodiscard]] instant now() const { return home_.clock.now(); }

    [[nodiscard]] std::shared_ptr<link> connection() const { return worker_ ? worker_->connection : nullptr; }

    /// Every op has its verdict, the disk knows, and the page has heard.
    [[nodiscard]] bool quiet() const;

    // ---- what happens to it
    void tell(client_fact fact);
    void wake_up();

    void close_database() {
        if (worker_) worker_->disk.close();
    }

    [[nodiscard]] bool keeps() const { return worker_ && !worker_->disk.closed(); }

    /// The link that `tab_host::connect` made, or none if that failed.
    void connected(std::uint32_t attempt, std::shared_ptr<link> made);
    /// The outbox is nobody's: it is taken over, unless there is nothing in it.
    bool adopt(const ulid& orphan);

    // ---- what its person does. Nothing, while there is no worker.
    void show(room_id room);
    void say(room_id room, const std::string& text);
    room_id create(const std::string& name);
    void join(room_id room);
    void leave(room_id room);
    void draft(room_id room, const std::string& text);
    void with_op(intended::what what, const row_view& op);
    void ask(intended::what what, room_id room);

private:
    struct worker {
        worker(surroundings& around, tab& mine, std::uint64_t life);

        client core;
        disk_writer disk;
        std::shared_ptr<link> connection;
        std::uint32_t attempt = 0;
        std::optional<deadline_ms> timer;
        std::uint64_t timer_number = 0;
        bool timer_is_late = false;
        bool dying = false;
        bool to_draw = false;
        std::deque<std::pair<client_fact, bytes>> late;  ///< arrived while the machine slept
    };

    void step(const client_fact& fact);
    void perform(const client_effects& effects);
    void carry_out(const client_effect& effect);
    void acknowledged(const acknowledge& answer);
    void made(const acknowledge& answer);
    void set_timer();
    void timer_passed(std::uint64_t number);
    void draw_soon();
    void beat();
    void intend(intended what);

    template <class Action>
    void later(std::int64_t delay_ms, Action action) {
        around_.clock.after(delay_ms, [alive = life_, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }

    surroundings& around_;
    tab_host& host_;
    device& home_;
    ulid outbox_;
    std::uint64_t number_;
    std::string label_;
    dice chance_;
    std::uint64_t lives_ = 0;
    std::unique_ptr<worker> worker_;
    std::shared_ptr<bool> life_ = std::make_shared<bool>(true);  ///< of the worker
    std::shared_ptr<bool> page_ = std::make_shared<bool>(true);

    room_id shown_;
    std::uint64_t intents_ = 0;
    std::vector<intended> waiting_;  ///< not acknowledged yet
    room_id room_made_;              ///< by what was acknowledged last
    std::optional<std::pair<death, std::uint32_t>> doom_;
};

}  // namespace parley::simulation
