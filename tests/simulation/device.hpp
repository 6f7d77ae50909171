#pragma once

#include "shared/client/client.hpp"
#include "tests/simulation/link.hpp"
#include "tests/simulation/surroundings.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace parley::simulation {

class tab;

/// A browser profile of one user: what its disk holds, and which tab holds which outbox.
struct profile {
    user_id user;
    std::string name;
    std::map<std::string, bytes> records;
    std::map<ulid, tab*> locks;
    std::set<ulid> outboxes;  ///< all that ever were
};

/// What a person did, and what is owed to them for it.
struct composed_op {
    change_id change;
    room_id room;
    ulid outbox;
    std::uint64_t order = 0;  ///< of all that was composed
    change_kind kind = change_kind::message;
    std::string text;
    bool durable = false;        ///< its record reached the disk
    bool discarded = false;      ///< its author asked for that
    bool lost_with_tab = false;  ///< the tab died before the record reached the disk
};

/// What the world does for its tabs.
class tab_host {
public:
    virtual ~tab_host() = default;
    virtual void connect(tab& from, std::uint32_t attempt) = 0;
    virtual void composed(const composed_op& op) = 0;
    virtual void row_shown(const tab& where, room_id room, const row_view& row) = 0;
};

/// One tab: the real client, with a disk that lags and a network that fails.
class tab {
public:
    tab(surroundings& around, tab_host& host, profile& mine, ulid outbox, std::string label);
    ~tab();
    tab(const tab&) = delete;
    tab& operator=(const tab&) = delete;

    [[nodiscard]] client& core() { return core_; }

    [[nodiscard]] const profile& owner() const { return mine_; }

    [[nodiscard]] ulid outbox() const { return outbox_; }

    [[nodiscard]] const std::string& label() const { return label_; }

    [[nodiscard]] std::shared_ptr<link> connection() const { return link_; }

    void show(room_id room);
    void say(room_id room, const std::string& text);
    room_id create(const std::string& name);
    void join(room_id room);
    void leave(room_id room);
    void discard_one();
    void load_older(room_id room);
    void set_network(bool online);
    void wake();
    void claim_orphans();

    /// The link that `tab_host::connect` made, or none if that failed.
    void connected(std::uint32_t attempt, std::shared_ptr<link> made);

    [[nodiscard]] room_id shown() const { return shown_; }

    /// Every op has its verdict, and the disk knows.
    [[nodiscard]] bool quiet() const;

    /// Every row of the shown room is told to the host.
    void inspect();

private:
    void step(const client_fact& fact);
    void perform(client_effects& effects);
    void set_timer();
    acknowledge intend(intended what);
    void write_next();
    void apply(const persist& batch);
    void note(change_id change, room_id room, change_kind kind, const std::string& text);

    surroundings& around_;
    tab_host& host_;
    profile& mine_;
    ulid outbox_;
    std::string label_;
    client core_;
    std::shared_ptr<link> link_;
    std::uint32_t attempt_ = 0;
    room_id shown_;
    std::optional<acknowledge> answer_;
    std::deque<persist> disk_;
    bool writing_ = false;
    std::vector<composed_op> unsaved_;
    std::uint64_t timer_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace parley::simulation
