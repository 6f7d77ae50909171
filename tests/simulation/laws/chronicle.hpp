#pragma once

#include "tests/simulation/edges/durable_store.hpp"
#include "tests/simulation/laws/witness.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace parley::simulation {

/// What an op's author was told became of it.
enum class said : std::uint8_t { nothing, stored, let_go, refused };

/// One op that a person composed.
struct op_story {
    composed_op op;
    std::uint64_t order = 0;   ///< of all that were composed
    bool offered = false;      ///< a socket had it
    bool let_go = false;       ///< its author asked for that
    bool turned_down = false;  ///< a device of its author was told so, which may not have kept it
    std::string excuse;        ///< why it may end without a verdict; empty: it may not
    said told = said::nothing;
    errc reason = errc::none;
};

/// All that happened so far, as laws need it: what was composed, what has a place in this epoch, what the
/// store has, and what it ever had.
class chronicle final : public witness {
public:
    struct place {
        wire::event event;
        std::int64_t at_ms = 0;  ///< when it got there
    };

    explicit chronicle(surroundings& around) : around_(around) {}

    void watch(durable_store& store);

    // ---- ops
    [[nodiscard]] op_story* story_of(const change_id& change);

    [[nodiscard]] const std::map<change_id, op_story>& ops() const { return ops_; }

    /// Under this id or, while it could still be renamed, under a former one.
    [[nodiscard]] bool ever_composed(const change_id& change) const { return names_.count(change) != 0; }

    void excuse(const change_id& change, const std::string& why);
    /// An op that could not be offered under its id has another now.
    void renamed(const change_id& from, const change_id& to);
    void told(const change_id& change, said verdict, errc reason);
    /// What these effects send has been offered.
    void note_offers(user_id author, const client_effects& effects);

    // ---- the log
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    [[nodiscard]] std::size_t restores() const { return restores_; }

    /// What the store has of a room: the event at `seq` is [seq - 1].
    [[nodiscard]] const std::vector<place>& history(room_id room) const;

    [[nodiscard]] const std::map<room_id, std::vector<place>>& histories() const { return history_; }

    /// What has a place in this epoch and is not stored yet, in order.
    [[nodiscard]] const std::vector<place>& provisional(room_id room) const;

    /// Where the change stands in the store, void or not; null if it does not.
    [[nodiscard]] const place* stored_at(const change_id& change) const;
    /// The same of what is provisional.
    [[nodiscard]] const place* placed_at(const change_id& change) const;

    /// Stood at this place of the store at any time, before a restore too.
    [[nodiscard]] bool ever(room_id room, std::uint64_t seq, const change_id& change, change_kind kind) const;
    /// Any stored event of that place was a void.
    [[nodiscard]] bool ever_void(room_id room, std::uint64_t seq) const;

    /// Stood anywhere in the store at any time, with effect or as a void.
    [[nodiscard]] bool ever_stored(const change_id& change) const { return seen_.count(change) != 0; }

    /// By the committed log and what is placed: a member, and no leave has a place.
    [[nodiscard]] bool member(room_id room, user_id user) const;
    /// The place of the user's newest placed leave that no committed join follows; 0: none.
    [[nodiscard]] std::uint64_t left_at(room_id room, user_id user) const;

    // ---- witness
    void epoch_begun(std::uint64_t epoch) override;
    void judged(const append_item& item, const append_answer& answer) override;
    void stored(const wire::event& event) override;
    void restored() override;
    void told(const seen_session& who, const wire::frame_down& frame) override;
    void composed(tab& where, const composed_op& op) override;
    void stepped(tab& where, const client_fact& fact, const client_effects& effects) override;

private:
    struct past {
        change_id change;
        change_kind kind;
    };

    surroundings& around_;
    durable_store* store_ = nullptr;
    std::map<change_id, op_story> ops_;
    std::map<std::uint64_t, change_id> by_intent_;
    std::set<change_id> names_;  ///< that ops have, or had
    std::uint64_t composed_ = 0;
    std::uint64_t epoch_ = 0;
    std::size_t restores_ = 0;
    std::map<room_id, std::vector<place>> history_;
    std::map<room_id, std::vector<place>> provisional_;
    std::map<change_id, std::pair<room_id, std::uint64_t>> stands_;
    std::map<change_id, std::pair<room_id, std::uint64_t>> places_;
    std::map<std::pair<room_id, std::uint64_t>, std::vector<past>> ever_;
    std::set<change_id> seen_;
};

}  // namespace parley::simulation
