#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the system and what happens there (L14). Sizes in bytes, times in milliseconds.
namespace parley::limits {

// what people write
inline constexpr std::size_t message_code_points = 10'000;  ///< more: `too_large`
inline constexpr std::size_t user_name_min = 2, user_name_max = 32;
inline constexpr std::size_t room_name_code_points = 64;
inline constexpr std::size_t topic_code_points = 256;
inline constexpr std::size_t password_min = 8, password_max = 128;
inline constexpr std::size_t client_name_bytes = 64;
inline constexpr std::size_t error_detail_bytes = 256;

// op ids (L1, L2)
inline constexpr std::int64_t op_id_age_ms =
    14LL * 24 * 3600 * 1000;                                        ///< older: `bad_op_id`; the user is asked
inline constexpr std::int64_t op_id_ahead_ms = 24LL * 3600 * 1000;  ///< further ahead: `bad_op_id`

// the wire
inline constexpr std::size_t ws_message_bytes = 64 * 1024;  ///< larger: 1009; the builder starts the next
inline constexpr std::size_t outgoing_bytes = 65'528;       ///< a message we build; then the next one begins
inline constexpr std::size_t ws_fragments = 64;             ///< more: 1002
inline constexpr std::size_t frame_tables = 1024;           ///< more: malformed
inline constexpr std::size_t frame_depth = 16;
inline constexpr std::size_t request_key_bytes = 128;
inline constexpr std::size_t settle_ops = 1'000;  ///< ids in one settle; a client splits
inline constexpr std::size_t page_events = 100;   ///< of a history page
inline constexpr std::size_t page_bytes = 256 * 1024;
inline constexpr std::size_t resume_events = 1'000;  ///< further behind: a fresh snapshot
inline constexpr std::size_t resume_bytes = 1024 * 1024;
inline constexpr std::size_t snapshot_events = 50;
inline constexpr std::size_t members_page = 100;
inline constexpr std::size_t unread_looked_at =
    1'000;                                           ///< newest messages that a count of unread ones looks at
inline constexpr std::uint32_t unread_most = 999;    ///< the count says no more than that
inline constexpr std::size_t ended_logins = 10'000;  ///< remembered for those who poll for them
inline constexpr std::int64_t ended_login_ms = 120'000;  ///< remembered for upgrades; none takes that long
inline constexpr std::size_t rooms_page = 100;
inline constexpr std::size_t subscriptions = 500;  ///< rooms a session follows; more: `too_large`

// above the watermark (L14): beyond these `busy`
inline constexpr std::size_t room_provisional_ops = 4'096;
inline constexpr std::size_t room_provisional_bytes = 8 * 1024 * 1024;
inline constexpr std::int64_t room_provisional_ms = 1'000;
inline constexpr std::size_t process_provisional_ops = 65'536;
inline constexpr std::size_t process_provisional_bytes = 64 * 1024 * 1024;

// the sequencer and the log
inline constexpr std::size_t log_settled_entries =
    10'000;  ///< kept below the settled place; older are trimmed
inline constexpr std::size_t log_entries_a_turn = 512;
inline constexpr std::size_t append_ops = 64;              ///< of one call of a sequencer elsewhere
inline constexpr std::size_t sequencer_rooms = 1'000'000;  ///< touched in one epoch; then a new one

// the committer
inline constexpr std::size_t batch_ops = 256;
inline constexpr std::size_t batch_bytes = 1024 * 1024;
/// Read marks; the later ones are dropped.
inline constexpr std::size_t marks_waiting = 65'536;
inline constexpr std::size_t halted_rooms = 100;  ///< whose members can't be stored; more: nothing is stored
inline constexpr std::int64_t lease_ms = 2'000;   ///< of the one among many processes that writes
inline constexpr std::int64_t commit_retry_min_ms = 100, commit_retry_max_ms = 5'000;

// slow readers
inline constexpr std::size_t unsent_signals_bytes = 64 * 1024;  ///< above: no signals
inline constexpr std::size_t unsent_behind_bytes = 256 * 1024;  ///< above: subscriptions end with `behind`
inline constexpr std::int64_t behind_again_ms = 30'000;         ///< twice within: cut
inline constexpr std::int64_t write_progress_ms = 10'000;       ///< no progress for so long: cut
inline constexpr std::size_t process_unsent_bytes = 256 * 1024 * 1024;  ///< above: the largest debtor is cut

// sessions
inline constexpr std::int64_t handshake_ms = 10'000, hello_ms = 5'000;
inline constexpr std::int64_t session_idle_ms = 90'000;  ///< nothing read for so long: cut
inline constexpr std::int64_t hub_ping_ms = 30'000;
inline constexpr std::int64_t offline_after_ms = 500;
inline constexpr std::size_t sessions_per_user = 20;
inline constexpr std::size_t connections_per_address = 200, unfinished_per_address = 20;
inline constexpr std::int64_t watermark_delay_ms = 100;
inline constexpr std::int64_t http_stored_ms = 5'000;
inline constexpr std::size_t session_waiting_ops =
    1'024;                                           ///< behind a join, a load or a read-on; more: `busy`
inline constexpr std::size_t hub_next_ops = 4'096;   ///< to be appended behind one under way; more: `busy`
inline constexpr std::size_t hub_http_ops = 10'000;  ///< HTTP ops under way; more: `busy`

// rooms in memory
inline constexpr std::size_t rooms_awake = 10'000;      ///< least recently used go to sleep beyond
inline constexpr std::size_t room_recent_events = 128;  ///< kept for resumes without the store
inline constexpr std::int64_t room_sleep_ms = 60'000;   ///< without subscribers or ops

// the log
inline constexpr std::int64_t counts_ms = 60'000;  ///< between two lines of counts

// HTTP
inline constexpr std::size_t http_header_bytes = 8 * 1024, http_body_bytes = 64 * 1024;
inline constexpr std::int64_t http_idle_ms = 60'000;    ///< between two requests of a connection
inline constexpr std::int64_t http_answer_ms = 60'000;  ///< until a handler has answered: cut
inline constexpr std::int64_t http_linger_ms = 1'000;   ///< what still comes after the last answer is read
inline constexpr std::size_t hashes_at_once = 4, hashes_waiting = 64;
inline constexpr int sign_in_failures = 5;
inline constexpr std::int64_t sign_in_window_ms = 15 * 60'000;
inline constexpr std::size_t throttled_sign_ins =
    20'000;  ///< accounts and addresses; the oldest are forgotten
inline constexpr std::int64_t invite_ms = 7LL * 24 * 3600 * 1000;
inline constexpr std::size_t invites = 1'000;  ///< that nobody has used yet; more: `forbidden`
inline constexpr std::int64_t cookie_login_ms = 90LL * 24 * 3600 * 1000;  ///< then one signs in again
inline constexpr std::size_t tokens_per_user = 100;                       ///< more: `forbidden`
inline constexpr std::size_t token_name_code_points = 64;
inline constexpr std::size_t logins_cached = 50'000;                     ///< least recently used go first
inline constexpr std::size_t api_readers = 4, api_jobs_waiting = 1'024;  ///< more: `busy`
inline constexpr std::size_t http_messages = 200;                        ///< of one answer
inline constexpr std::size_t http_list = 10'000;  ///< rooms or members of one answer; `more` says so

// the client
inline constexpr std::size_t outbox_ops = 1'000;
inline constexpr std::size_t outbox_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t recalled_ops = 8'000;  ///< of all outboxes that a tab has taken over
inline constexpr std::size_t recalled_bytes = 32 * 1024 * 1024;  ///< more are left where they are
inline constexpr std::size_t client_log_lines = 1'000;
inline constexpr std::size_t recorder_facts = 10'000;             ///< of one worker; the oldest go first
inline constexpr std::size_t recorder_bytes = 16 * 1024 * 1024;   ///< as `recorder_facts`
inline constexpr std::size_t recording_bytes = 64 * 1024 * 1024;  ///< a larger file is not read
inline constexpr std::size_t timeline_events = 5'000;  ///< held of one room; the farthest from view go first

// how fast one user may write; the server's options change them
inline constexpr std::uint32_t message_burst = 10, message_window_ms = 10'000;

}  // namespace parley::limits
