#pragma once

#include "shared/base/hash.hpp"
#include "shared/client/client.hpp"
#include "tests/fuzz/page_model.hpp"
#include "tests/fuzz/plain_server.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace parley::fuzz {

/// A client and its host: a disk, a clock, a page, and a socket to a server that is plain or says anything.
/// Each effect and what is drawn after each step are held against what the client's header promises.
class client_stage {
public:
    explicit client_stage(bool locks);

    /// What the disk holds from the start.
    std::map<std::string, bytes> disk;

    void start();

    /// One fact or more, as the input decides.
    void act(choices& choose);

    /// The tab is closed and opened again: what the disk was told to keep is there.
    void reload();

    /// All outboxes that others left behind are ours.
    void claim_all();

    /// Lets time pass, the disk answer and the server reply, until nothing more comes of it or `turns` are
    /// over.
    void calm_down(int turns);

    [[nodiscard]] client& core() { return *core_; }

    /// The ops that went to the server, as they were first offered.
    [[nodiscard]] const std::map<op_id, wire::op>& offered() const { return offered_; }

    /// Of all effects so far: two stages that were given the same are alike.
    [[nodiscard]] std::uint64_t digest() const { return digest_; }

private:
    enum class socket : std::uint8_t { none, opening, open };

    void feed(const client_fact& fact);
    void check_after(const client_fact& fact);

    void perform(const open_socket& effect);
    void perform(const send_bytes& effect);
    void perform(const close_socket& effect);
    void perform(const persist& effect);
    void perform(const release_outbox& effect);
    void perform(const forget_user& effect);
    void perform(const acknowledge& effect);

    void perform(const view_changed&) {}

    void perform(const ask_sign_in& effect);

    void perform(const client_log&) {}

    void hear(wire::frame_up frame);
    void hear_op(const wire::op& op);
    void hear_bytes(const bytes& message);
    void close(std::uint16_t code);

    void pass(std::int64_t ms);
    void pass_some(choices& choose);
    void reach_deadline();
    void say_anything(choices& choose);
    void answer_one();
    void answer_disk(choices& choose);
    void intend(choices& choose);
    void tell_host_news(choices& choose);
    void claim(const ulid& outbox);
    void damage_disk(choices& choose);
    [[nodiscard]] std::vector<stored_record> records() const;

    bool locks_;
    std::optional<client> core_;
    instant now_{1'000, 1'700'000'000'000};
    page_model page_;
    plain_server server_{some_user(0)};
    vocabulary words_;

    std::uint32_t attempt_ = 0;
    socket socket_ = socket::none;
    std::uint32_t last_offer_ = 0;
    std::map<op_id, wire::op> offered_;
    std::deque<persist> writes_;
    std::uint64_t last_batch_ = 0;
    std::set<ulid> held_{some_outbox(0)};
    std::uint64_t next_intent_ = 1;
    std::optional<std::uint64_t> intending_;
    std::optional<intended> last_intent_;
    bool signed_out_ = false;
    int dues_at_once_ = 0;
    std::uint64_t generation_ = 0;
    std::uint64_t digest_ = 0;
};

}  // namespace parley::fuzz
