#pragma once

#include "shared/client/client.hpp"
#include "shared/client/connection.hpp"
#include "shared/client/drafts.hpp"
#include "shared/client/health.hpp"
#include "shared/client/journal.hpp"
#include "shared/client/note.hpp"
#include "shared/client/outbox.hpp"
#include "shared/client/patch.hpp"
#include "shared/client/sender.hpp"
#include "shared/client/server_clock.hpp"
#include "shared/client/sync.hpp"
#include "shared/client/upstream.hpp"
#include "shared/client/view.hpp"

#include <string>
#include <vector>

namespace parley {

/// The client's machines, and the way of a fact through them. A fact changes machines; when that is done,
/// `conclude` says on the wire and to the disk what has become due.
struct client::state {
    state(client_config config_given, random_source random_given);

    void step(instant now, const client_fact& fact, client_effects& out);
    [[nodiscard]] std::optional<deadline_ms> deadline() const;
    [[nodiscard]] client_status status(instant now) const;

    [[nodiscard]] onlooker who() const { return {user, user_name, link.live(), disk.memory_only()}; }

    // ---- facts (client.cpp)
    void take(instant now, const started& fact, client_effects& out);
    void take(instant now, const parley::signed_in& fact, client_effects& out);
    void take(instant now, const signed_out& fact, client_effects& out);
    void take(instant now, const socket_opened& fact, client_effects& out);
    void take(instant now, const bytes_arrived& fact, client_effects& out);
    void take(instant now, const socket_closed& fact, client_effects& out);
    void take(instant now, const persisted& fact, client_effects& out);
    void take(instant now, const persist_failed& fact, client_effects& out);
    void take(instant now, const outbox_claimed& fact, client_effects& out);
    void take(instant now, const network_changed& fact, client_effects& out);
    void take(instant now, const page_shown& fact, client_effects& out);
    void take(instant now, const intended& fact, client_effects& out);
    void take(instant now, const deadline_passed_fact& fact, client_effects& out);
    void conclude(instant now, client_effects& out);

    // ---- frames (client_frames.cpp); false: nothing more of this message is to be read
    bool hear(instant now, const wire::welcome& frame, client_effects& out);
    bool hear(instant now, const wire::op_reply& frame, client_effects& out);
    bool hear(instant now, const wire::pong& frame, client_effects& out);
    bool hear(instant now, const wire::going_away& frame, client_effects& out);
    bool hear(instant now, const wire::error_frame& frame, client_effects& out);
    void hear_message(instant now, byte_view message, client_effects& out);
    bool dispatch(instant now, wire::frame_down& frame, client_effects& out);

    // ---- intents (client_intents.cpp); each fills in what its answer names
    [[nodiscard]] errc carry_out(instant now, const intended& fact, acknowledge& answer, client_effects& out);
    [[nodiscard]] errc send(instant now, const intended& fact, acknowledge& answer);
    [[nodiscard]] errc save_draft(instant now, const intended& fact);
    [[nodiscard]] errc list_rooms(const intended& fact);
    [[nodiscard]] errc create_room(instant now, const intended& fact, acknowledge& answer);
    [[nodiscard]] errc join_room(instant now, const intended& fact, acknowledge& answer);
    [[nodiscard]] errc leave_room(instant now, const intended& fact, acknowledge& answer);
    [[nodiscard]] errc retry(instant now, const intended& fact, acknowledge& answer, client_effects& out);
    [[nodiscard]] errc discard(instant now, const intended& fact, acknowledge& answer);
    [[nodiscard]] errc put(instant now, kept_op op, acknowledge& answer, bool offered = false);
    [[nodiscard]] outbox_op* own_op(const change_id& change);
    [[nodiscard]] const acknowledge* answered_before(const intended& fact) const;
    void remember(acknowledge answered, intended asked);
    void recall_answer(const kept_op& op);

    // ---- the disk
    void recall(instant now, const std::vector<stored_record>& records, const ulid& outbox,
                client_effects& out);
    void release_empty_outboxes(client_effects& out);

    void judge(instant now, health::action action, client_effects& out);
    void require_sign_in(errc code, client_effects& out);
    void mark_rooms_with_ops();

    struct answered_intent {
        acknowledge answer;
        intended asked;
    };

    /// Everything but the rows, if anything has changed.
    void draw(held_room& room);

    const client_config config;
    random_source random;
    user_id user;
    std::string user_name;
    device_id device;
    bool begun = false;
    bool signed_in = true;
    bool session = false;          ///< welcomed on this connection; machines know it
    errc last_error = errc::none;  ///< said by the server on this connection
    std::vector<ulid> adopted;
    std::vector<answered_intent> answers;  ///< the last ones, oldest first

    journal disk;
    parley::outbox box;
    drafts typed;
    server_clock clock;
    sync rooms;
    sender offers;
    connection link;
    health pulse;
    upstream up;
    patch_maker patches;

    std::uint64_t drawings_made = 0;
    bool view_told = false;
};

}  // namespace parley
