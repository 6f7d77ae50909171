#pragma once

#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/plan/plan.hpp"
#include "tests/simulation/world/stage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::simulation {

/// How a world ended.
struct outcome_of_world {
    std::string law;   ///< that was broken; empty: all held
    std::string what;  ///< was seen
    std::uint64_t steps = 0;
    std::uint64_t stored = 0;       ///< events
    std::int64_t settled_ms = 0;    ///< after the last fault
    std::uint64_t fingerprint = 0;  ///< of all that happened: equal for equal runs
};

/// People with their devices and tabs, programs, a network, a server of some hubs and its store, all on one
/// virtual clock; the classes inside are those of the server and of the browser. The plan decides everything.
class world final : public tab_host {
public:
    world(const plan& what, bool tell, witness* further = nullptr);
    ~world() override;

    outcome_of_world run();

private:
    // tab_host
    void connect(tab& from, std::uint32_t attempt) override;
    void composed(tab& where, const composed_op& op) override;
    void logged(tab& where, const client_log& line) override;
    void stepped(tab& where, const client_fact& fact, const client_effects& effects) override;
    void drawn(tab& where) override;
    void sign_in_asked(tab& where, errc why) override;
    void user_forgotten(tab& where) override;
    void dying(tab& where, death how) override;

    // ---- the cast (world.cpp)
    void populate();
    device& make_device(const person& owner);
    tab& open_tab(device& where, ulid outbox);
    enum class end_of_life : std::uint8_t { closed, killed };
    /// Ends the workers of these tabs at once; what they held and nobody else has is excused.
    void end_workers(const std::vector<tab*>& which, end_of_life how, dice* power_fails = nullptr);
    void end_tab(tab& which, end_of_life how);
    void forget_tab(tab& which);
    void restart_worker(tab& which, std::int64_t after_ms);
    void claim_orphans(device& where);
    void run_for(std::int64_t ms);
    [[nodiscard]] tab* tab_of(std::uint64_t number) const;

    // ---- the plot (deeds.cpp, faults.cpp)
    void act(const step& one);
    bool speak(deed what, dice& chance);
    bool move_about(deed what, dice& chance);
    bool ask_programs(deed what, dice& chance);
    bool break_network(deed what, dice& chance);
    bool break_device(deed what, dice& chance);
    bool break_server(deed what, dice& chance);
    bool take_rights(deed what, dice& chance);
    void sign_in(device& home);
    void sign_out(device& home, dice& chance);
    void hear_sign_out(std::uint64_t number, std::int64_t after_ms);
    void leave_behind(device& home, const person& former, dice& chance);
    [[nodiscard]] room_id room_for(tab& who, dice& chance) const;
    [[nodiscard]] std::string words(dice& chance);
    [[nodiscard]] tab* any_tab(dice& chance) const;
    [[nodiscard]] tab* any_linked(dice& chance) const;
    [[nodiscard]] device* any_device(dice& chance) const;
    void wake_at(device& which, std::int64_t at_ms);

    // ---- the end (ending.cpp)
    void heal();
    [[nodiscard]] std::int64_t patience_ms() const;
    void heal_device(device& home);
    void call_back(device& home);
    [[nodiscard]] bool quiet();
    [[nodiscard]] bool follows_all(tab& who) const;
    [[nodiscard]] bool has_orphans(device& home) const;
    [[nodiscard]] std::string unsettled();
    void judge();
    void clear_away();

    plan plan_;
    surroundings around_;
    audience all_;
    chronicle seen_;
    laws laws_;
    stage stage_;
    std::uint64_t devices_ = 0;
    std::uint64_t tabs_ = 0;
    std::uint64_t calls_ = 0;
    std::uint64_t spoken_ = 0;
    std::size_t expected_ = 0;  ///< tabs and workers that will come yet
    std::uint64_t fingerprint_ = 0;
};

}  // namespace parley::simulation
