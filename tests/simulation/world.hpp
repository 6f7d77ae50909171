#pragma once

#include "tests/simulation/device.hpp"
#include "tests/simulation/server_process.hpp"
#include "tests/simulation/surroundings.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace parley::simulation {

/// What one world did; its transcript is printed when it is replayed.
struct outcome_of_world {
    std::string violation;  ///< empty: every law held
    std::uint64_t steps = 0, messages = 0, crashes = 0, cuts = 0, deaths = 0;
};

/// People with their tabs, a network, a server of one or two hubs and its store, all on one virtual clock;
/// the classes are those of the server and of the browser. The seed decides everything: `world{seed}.run()`
/// is the same each time.
class world final : public tab_host {
public:
    world(std::uint64_t seed, bool tell);
    ~world() override;

    outcome_of_world run();

private:
    struct http_call {
        composed_op op;
        std::string user_name;
        bool answered = false;
        std::uint32_t tries = 0;
        wire::op_reply verdict;
    };

    // tab_host
    void connect(tab& from, std::uint32_t attempt) override;
    void composed(const composed_op& op) override;
    void row_shown(const tab& where, room_id room, const row_view& row) override;

    void draw_rates();
    void populate();
    void act();
    void fault();
    void open_tab(profile& owner, bool again);
    void post(profile& author);
    void ask_http(profile& author, room_id room, change_kind kind, const std::string& text);
    void retry_http();
    [[nodiscard]] bool all_answered() const;
    void run_for(std::int64_t ms);
    void heal();
    [[nodiscard]] std::uint64_t head_of(room_id room);
    [[nodiscard]] bool quiet();
    [[nodiscard]] bool held_by_a_tab(const profile& owner, const std::string& key) const;
    void judge();
    void judge_op(const composed_op& op);
    void judge_timeline(tab& t);
    room_id any_room();
    tab& any_tab();

    surroundings around_;
    std::vector<std::unique_ptr<profile>> people_;
    std::unique_ptr<server_process> server_;
    std::vector<std::unique_ptr<tab>> tabs_;
    std::vector<room_id> rooms_;
    std::map<change_id, composed_op> composed_;
    std::vector<std::unique_ptr<http_call>> calls_;
    std::map<std::pair<room_id, std::uint64_t>, change_id> shown_committed_;
    outcome_of_world outcome_;
    std::uint32_t tab_number_ = 0;
};

}  // namespace parley::simulation
