#pragma once

#include "server/hub/fan_out.hpp"
#include "server/hub/hub.hpp"
#include "server/hub/room.hpp"
#include "server/hub/session_table.hpp"
#include "server/hub/timer_queue.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// What a hub is inside. One class, its members by theme in the files named below; each theme is called by
/// those above it and calls those below.
namespace parley {

struct hub::state {
    state(hub_config config, random_source random, std::uint64_t epoch, log_position position);

    // greeting.cpp: sessions come, say who they are, and go
    void take(const session_opened& fact);
    void take(const session_closed& fact);
    void take(const session_unsent& fact);
    void take(const logins_ended& fact);
    void take(const shutting_down& fact);
    void greet(session& who, const wire::hello& hello);
    void list_rooms_of(session& who, const std::vector<wire::room>& rooms);
    void refuse(session& who, error why, close_code code);
    void fall_behind(session& who);
    void end_session(session& who);
    void end_expired();
    void rest(user_record& user);

    // dispatch.cpp: what is asked goes to whom it concerns, or waits in its lane
    void take(const message_arrived& fact);
    void hear(session& who, wire::frame_up frame);
    void take(const http_op& fact);
    void take_op(asker who, user_id author, wire::op op);
    void ask(room& where, asker who, asked what);
    void drop_older_copy(lane& one, const asked& what);
    [[nodiscard]] static bool same_op(const asked& a, const asked& b);
    bool judge(room& where, asker who, asked& what, lane_wait& wait);
    void set_wait(room& where, lane& one, const lane_wait& wait);
    void advance(room& where, lane& one);
    void advance(room& where, lane_wait::reason why);
    void drop_empty_lanes(room& where);
    void refuse_waiting(room& where);
    void refuse_asked(asker who, const asked& what, errc code);

    // ops.cpp: whether an op may be given to the backbone. False: not known yet, `wait` tells until when
    bool judge_op(room& where, asker who, asked& what, wire::op& op, lane_wait& wait);
    bool judge_rights(room& where, asker who, asked& what, wire::op& op, lane_wait& wait);
    bool refuse_rights(room& where, asker who, asked& what, wire::op& op, errc code, lane_wait& wait);
    bool keep_unchanged(room& where, asker who, asked& what, wire::op& op);
    void bury(const change_id& id, errc code);
    bool answer_buried(asker who, const asked& what, const wire::op& op);
    bool pay(asker who, asked& what, const wire::op& op);
    bool give(room& where, asker who, asked& what, wire::op& op, errc void_code = errc::none);
    void emit_appends();

    // answers.cpp: what became of an op
    struct offer {
        room* where = nullptr;
        asker who;
        change_kind kind = change_kind::nothing;
        asked what;
    };

    using broken_lanes = std::vector<std::pair<asker, op_id>>;  // where ops were refused for now

    void take(const appended& fact);
    bool refuse_behind(const offer& one, broken_lanes& broken);
    bool take_answer(offer& one, const append_item& item, const append_answer& got);
    [[nodiscard]] bool outdated(const room& where, const append_item& item, const append_answer& got) const;
    void forget_asked(offer& one);
    [[nodiscard]] std::vector<offer> withdraw_next(const std::vector<room*>& from);
    void take_back(std::vector<offer> returned);
    void take_placed(room& where, asker who, const wire::op& op, const standing& at);
    void tell_placed(asker who, const wire::op& op, const standing& at);
    void answer_repeat(room& where, asker who, const wire::op& op, const standing& at);
    void answer_standing(room& where, asker who, const wire::op& op, const standing& at);
    bool answer_unchanged(asker who, const wire::op& op);
    void answer_later(asker who, const wire::op& op, errc code, std::int64_t retry_ms = 0);
    void answer_rejected(asker who, const wire::op& op, errc code);
    void answer(asker who, const wire::op_reply& reply);
    void owe(room& where, asker who, const wire::op& op, const standing& at);
    void pay_debts(room& where);
    void pay_debt(room& where, const owed_verdict& debt);

    // looks.cpp: where changes stand, in the window and in the store
    struct question {
        enum class about : std::uint8_t { room, lane, cursor, page, greeting, request };
        about what = about::room;
        room_id where;
        asker who;
        wire::request request;
    };

    bool look_up(room& where, asker who, asked& what, std::vector<change_id> changes, look::stage from,
                 lane_wait& wait);
    std::uint32_t ask_window(const room& where, asker who, const look& look);
    std::uint32_t ask_store(const room& where, asker who, const look& look);
    [[nodiscard]] static lane* lane_asking(room* where, asker who, std::uint32_t query);
    void take(const changes_found& fact);
    void stored_found(const question& about, const query_answered& fact);
    bool judge_settle(room& where, asker who, asked& what, const wire::settle& settle, lane_wait& wait);
    void answer_settled(room& where, asker who, op_id id, const look& found, std::size_t i);

    // subscribe.cpp: whether a session may follow a room, and from where
    bool judge_subscribe(room& where, asker who, asked& what, wire::subscribe& sub, lane_wait& wait);
    bool judge_cursor(room& where, asker who, asked& what, wire::subscribe& sub, lane_wait& wait);
    void cursor_read(const question& about, const query_answered& fact);
    void make_live(room& where, session& who);
    void end_live(room& where, session& who);
    void end_reading(room& where, session& who, errc code = errc::out_of_order);
    void end_following(room& where, session& who, errc code);

    // resume.cpp: what a session has missed is told until it is live
    void read_on(room& where, session& who);
    void pause(reader& one);
    void read_all_on(room& where);
    bool start_reading(room& where, reader& one);
    void begin_page(room& where, reader& one, bool fresh);
    void finish_reading(room& where, session& who);
    void page_read(const question& about, const query_answered& fact);
    bool take_page(room& where, reader& one, const loaded_page& page);
    void resume_paused(session& who);
    void resume_paused();
    [[nodiscard]] bool may_resume();

    // requests.cpp: questions of a session that change nothing
    void take_request(session& who, wire::request request);
    void next_request(session& who);
    bool start_request(session& who, const wire::request& request);
    bool start_history(session& who, const wire::request& request);
    void request_answered(const question& about, const query_answered& fact);
    void answer_request(session& who, const wire::request& request, const query_answered& fact);
    void tell_history(room& where, session& who, const wire::request& request, const loaded_page& page);
    void refuse_request(session& who, const wire::request& request, errc code);
    void take_receipt(session& who, const wire::receipt& receipt);
    void tell_pong(session& who);

    // follow.cpp: what the log says
    void take(const log_advanced& fact);
    void hear_placed(const log_entry_ptr& entry);
    void hear_settled(const log_entry_ptr& entry);
    void place(room& where, const log_entry_ptr& entry);
    void settle(room& where, const settled_entry& settled, std::uint64_t w);
    void log_read_to(log_position end);

    // membership.cpp: what a user is told of rooms
    [[nodiscard]] wire::room describe(const room& where, const user_record& user) const;
    void tell_membership(room& where, user_id user);
    void begin_leave(room& where, user_id user);

    // watermarks.cpp
    void rise(room& where);
    void tell_watermarks();
    void tell_watermark_soon(room& where);
    void tell_watermark(room& where);
    void tell_owed(room& where);
    [[nodiscard]] static std::vector<wire::watermark> watermarks_of(const room& where, std::uint64_t epoch);
    [[nodiscard]] std::uint64_t digest_for(const session& who) const;

    // waking.cpp: rooms in memory
    room& wake(const room_id& id);
    [[nodiscard]] room* find_room(const room_id& id);
    void load(room& where);
    void loaded(const question& about, const query_answered& fact);
    void load_failed(room& where);
    void catch_up(room& where);
    void rest(room& where);
    void fall_asleep(room& where);
    void reload(room& where);
    void reload_all();

    // timers.cpp
    void take(const deadline_passed& fact);
    void take(const query_answered& fact);
    void take(const store_state_changed& fact);
    [[nodiscard]] std::optional<deadline_ms> deadline() const;
    [[nodiscard]] std::optional<deadline_ms> next_expiry() const;

    // ---- of everybody

    [[nodiscard]] session* find_session(asker who) const {
        return who.http ? nullptr : sessions.find(who.id);
    }

    [[nodiscard]] const std::string& name_of(asker who) const;
    [[nodiscard]] bool gone(asker who) const;

    static constexpr std::int64_t busy_retry_ms = 1'000;
    using severity = decltype(log_line::level);
    void note(severity level, std::string_view event, asker who, room_id where = {},
              std::string message = {});
    void note_refused(room_id where, asker who, errc code);

    template <class Question>
    std::uint32_t query_store(question about, Question ask) {
        const auto number = ++last_query;
        questions.emplace(number, std::move(about));
        out->queries.push_back({number, std::move(ask)});
        return number;
    }

    struct http_pending {
        user_record* user = nullptr;
        wire::op_reply unknown;  ///< what is answered when time is up
        bool placed = false;     ///< it got its place by this very request
    };

    struct asleep_entry {
        std::uint64_t n = 0;
        room_id where;
        log_entry_ptr entry;
    };

    hub_config config;
    random_source random;
    std::uint64_t epoch;
    log_position position;
    instant now;
    hub_effects* out = nullptr;  ///< of this step

    bool accepting = true;
    bool lost = false;  ///< the backbone is in a later epoch than the log as read
    bool stopping = false;

    session_table sessions;
    std::set<std::pair<std::int64_t, session_handle>> expiries;  ///< of logins, by the wall's clock
    std::set<login_id> lately_ended;  ///< logins whose upgrades may still be under way
    std::unordered_map<room_id, std::unique_ptr<room>, id_hash> rooms;
    fan_out speech;

    std::uint32_t last_query = 0;
    std::unordered_map<std::uint32_t, question> questions;

    std::vector<append_item> next_items;
    std::vector<offer> next_offers;  ///< for each of next_items
    std::vector<offer> given;        ///< the append under way
    std::uint64_t given_epoch = 0;
    bool appending = false;

    std::unordered_map<std::uint64_t, http_pending> http_ops;
    ring<asleep_entry> asleep;                       ///< unsettled entries of rooms that are not in memory
    std::vector<room_id> reading_on;                 ///< rooms with lanes that wait for the log's end
    std::vector<room*> risen;                        ///< their W rose in this turn
    std::vector<std::pair<change_id, errc>> buried;  ///< ops that ended where there is no room for a void
    std::set<session_handle> paused;                 ///< with readers that wait until less is unsent
    std::vector<session_handle> pinged;
    std::vector<close_session> closes;

    timer_queue<session_handle> hellos{limits::hello_ms};
    timer_queue<room_id> watermarks{limits::watermark_delay_ms};
    timer_queue<std::uint64_t> http_deadlines{limits::http_stored_ms};
    timer_queue<room_id> sleeps{limits::room_sleep_ms};
    timer_queue<room_id> reloads{1'000};
    timer_queue<login_id> ended_until{limits::ended_login_ms};
    timer_queue<user_id> leaving{limits::offline_after_ms};
    timer_queue<user_id> forgetting;  ///< not before their limiter is full again
    bool resume_now = false;

    std::uint64_t ops = 0, stored = 0;
    std::map<errc, std::uint64_t> refused;
};

}  // namespace parley
