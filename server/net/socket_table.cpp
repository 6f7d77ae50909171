#include "server/net/socket_table.hpp"

#include "server/net/websocket_session.hpp"
#include "server/ops/crash_points.hpp"
#include "shared/base/assert.hpp"
#include "shared/wire/codec.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace parley {
namespace {

constexpr std::size_t receive_bytes = 64 * 1024;
constexpr std::size_t unread_scratch_bytes = 64 * 1024;
constexpr int notsent_lowat_bytes = 64 * 1024;
constexpr std::int64_t sweep_ms = 1'000;
constexpr std::int64_t drain_ms = 2'000;
constexpr std::uint64_t slot_bits = 24;
constexpr std::uint64_t slot_mask = (std::uint64_t{1} << slot_bits) - 1;
constexpr deadline_ms never = std::numeric_limits<deadline_ms>::max();

std::size_t slot_of(session_handle handle) {
    return static_cast<std::size_t>(handle & slot_mask);
}

void set_option(int socket, int option, int value) {
    ::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value);
}

bytes close_frame(std::uint16_t code) {
    bytes frame;
    append_ws_frame(frame, ws_opcode::close, ws_close_payload(code));
    return frame;
}

close_code close_code_of(errc why) {
    switch (why) {
    case errc::unauthenticated: return close_code::unauthenticated;
    case errc::revoked: return close_code::revoked;
    case errc::too_many_sessions: return close_code::too_many_sessions;
    case errc::wrong_user: return close_code::wrong_user;
    default: return close_code::busy;
    }
}

outgoing_ptr error_message(const error& why) {
    auto message = std::make_shared<outgoing>();
    wire::append(message->buffer(), wire::error_frame{why.code, why.detail, {}});
    message->seal();
    return message;
}

}  // namespace

socket_table::socket_table(poller& poller, std::atomic<std::size_t>& process_unsent, tell_hub tell,
                           random_source random)
    : poller_(poller),
      process_unsent_(process_unsent),
      tell_(std::move(tell)),
      random_(random),
      received_(receive_bytes) {}

socket_table::~socket_table() = default;

void socket_table::adopt(instant now, adopted_socket adopted) {
    auto& s = make_session(now, adopted);
    if (!poller_.add(s.socket.get(), s.handle)) return drop(s);
    const auto head = s.output.write(s.socket.get(), bytes{adopted.head.begin(), adopted.head.end()});
    after_write(now, s, head == websocket_output::outcome::broken);
    if (const auto* why = std::get_if<error>(&adopted.login)) {
        const auto refusal = error_message(*why);
        after_write(now, s,
                    s.output.write(s.socket.get(), {&refusal, 1}) == websocket_output::outcome::broken);
        start_closing(now, s, static_cast<std::uint16_t>(close_code_of(why->code)));
        return;
    }
    auto& login = std::get<upgraded_login>(adopted.login);
    s.known = true;
    tell_(session_opened{s.handle, session_id{random_.make_id(now.wall_ms)}, login.login, login.user,
                         login.name, login.expires_ms});
    if (!adopted.rest.empty()) consume(now, s, adopted.rest);
}

socket_table::session& socket_table::make_session(instant now, adopted_socket& adopted) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
        due_.push_back(never);
    }
    const std::size_t slot = free_slots_.back();
    PARLEY_ASSERT(slot <= slot_mask);
    free_slots_.pop_back();
    auto& s = *(slots_[slot] = std::make_unique<session>());
    s.handle = ++opened_ << slot_bits | slot;
    s.socket = std::move(adopted.socket);
    s.ticket = std::move(adopted.ticket);
    s.read_at_ms = s.pinged_at_ms = s.progress_at_ms = now.mono_ms;
    set_option(s.socket.get(), TCP_NODELAY, 1);
    set_option(s.socket.get(), TCP_NOTSENT_LOWAT, notsent_lowat_bytes);
    if (++open_ == 1) next_sweep_ms_ = now.mono_ms + sweep_ms;
    refresh_due(s);
    return s;
}

socket_table::session* socket_table::find(session_handle handle) {
    const auto slot = slot_of(handle);
    auto* s = slot < slots_.size() ? slots_[slot].get() : nullptr;
    return s && s->handle == handle ? s : nullptr;
}

std::size_t socket_table::handle(instant now, const epoll_event& event) {
    auto* s = find(event.data.u64);
    if (!s) return 0;
    if ((event.events & EPOLLOUT) != 0) write_on(now, *s);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || !find(event.data.u64)) return 0;
    return read(now, *s);
}

std::size_t socket_table::read(instant now, session& s) {
    const auto got = ::recv(s.socket.get(), received_.data(), received_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
    if (got <= 0) {
        forget(s);
        return 0;
    }
    s.read_at_ms = now.mono_ms;
    const auto size = static_cast<std::size_t>(got);
    consume(now, s, {received_.data(), size});
    return size;
}

void socket_table::consume(instant now, session& s, byte_view input) {
    while (const auto event = s.reader.next(input, scratch_)) {
        switch (event.what) {
        case ws_event::kind::message:
            PARLEY_CRASH_POINT(message_received);
            if (s.known) tell_(message_arrived{s.handle, event.payload});
            break;
        case ws_event::kind::ping:
            s.pong.assign(event.payload.begin(), event.payload.end());
            if (!std::exchange(s.ping_waits, true)) ponging_.push_back(s.handle);
            break;
        case ws_event::kind::close:
            if (s.now == session::state::draining) return forget(s);
            answer_close(now, s, event.code);
            break;
        case ws_event::kind::failure: answer_close(now, s, event.code); break;
        case ws_event::kind::pong:
        case ws_event::kind::none: break;
        }
    }
    if (scratch_.capacity() > 2 * unread_scratch_bytes) scratch_.release();
}

void socket_table::answer_close(instant now, session& s, std::uint16_t code) {
    tell_closed(s);
    if (s.now == session::state::open) start_closing(now, s, code);
}

void socket_table::start_closing(instant now, session& s, std::uint16_t code) {
    if (s.now != session::state::open) return;
    s.now = session::state::closing;
    s.close_by_ms = now.mono_ms + drain_ms;
    after_write(now, s,
                s.output.write(s.socket.get(), close_frame(code)) == websocket_output::outcome::broken);
    refresh_due(s);
}

void socket_table::write_on(instant now, session& s) {
    const auto before = s.output.unsent();
    const auto outcome = s.output.write(s.socket.get());
    if (s.output.unsent() < before) s.progress_at_ms = now.mono_ms;
    after_write(now, s, outcome == websocket_output::outcome::broken);
}

/// Counts what waits, and lets the poller tell when the socket is writable again.
void socket_table::after_write(instant now, session& s, bool broken) {
    const auto unsent = s.output.unsent();
    process_unsent_ += unsent - s.counted_unsent;  // wraps around and back
    s.counted_unsent = unsent;
    if (broken) {
        broken_.push_back(s.handle);
        return;
    }
    const bool blocked = unsent != 0;
    if (blocked != s.blocked) {
        s.blocked = blocked;
        poller_.want_writable(s.socket.get(), s.handle, blocked);
        if (blocked) s.progress_at_ms = now.mono_ms;
        refresh_due(s);
        if (!blocked && s.ping_waits) ponging_.push_back(s.handle);
    }
    if ((blocked || s.unsent_told) && s.known && !std::exchange(s.news_queued, true)) {
        unsent_news_.push_back(s.handle);
    }
    if (!blocked && s.now == session::state::closing) {
        s.now = session::state::draining;
        ::shutdown(s.socket.get(), SHUT_WR);
    }
}

void socket_table::tell_news() {
    for (const auto handle : std::exchange(unsent_news_, {})) {
        auto* s = find(handle);
        if (!s) continue;
        s->news_queued = false;
        s->unsent_told = s->output.unsent() != 0;
        if (s->known) tell_(session_unsent{handle, s->output.unsent()});
    }
    for (const auto handle : std::exchange(ended_, {}))
        tell_(session_closed{handle});
    for (const auto handle : std::exchange(broken_, {})) {
        if (auto* s = find(handle)) forget(*s);
    }
}

void socket_table::send(instant now, const send_messages& order) {
    auto* s = find(order.session);
    if (!s || s->now != session::state::open) return;
    after_write(now, *s,
                s->output.write(s->socket.get(), order.messages) == websocket_output::outcome::broken);
}

void socket_table::close(instant now, session_handle handle, close_code code) {
    auto* s = find(handle);
    if (!s) return;
    if (std::exchange(s->known, false)) ended_.push_back(handle);
    start_closing(now, *s, static_cast<std::uint16_t>(code));
}

void socket_table::close_all(instant now, close_code code) {
    for (const auto& s : slots_) {
        if (s) close(now, s->handle, code);
    }
}

void socket_table::finish_turn(instant now) {
    for (const auto handle : std::exchange(ponging_, {})) {
        auto* s = find(handle);
        if (!s || s->blocked || !s->ping_waits || s->now != session::state::open) continue;
        bytes frame;
        append_ws_frame(frame, ws_opcode::pong, s->pong);
        s->ping_waits = false;
        s->pong = {};
        after_write(now, *s,
                    s->output.write(s->socket.get(), std::move(frame)) == websocket_output::outcome::broken);
    }
    if (process_unsent_ > limits::process_unsent_bytes) cut_largest_debtors();
}

void socket_table::cut_largest_debtors() {
    std::vector<session*> debtors;
    for (const auto& s : slots_) {
        if (s && s->counted_unsent != 0) debtors.push_back(s.get());
    }
    std::sort(debtors.begin(), debtors.end(),
              [](const auto* a, const auto* b) { return a->counted_unsent > b->counted_unsent; });
    std::size_t after = process_unsent_;
    for (const auto* s : debtors) {
        if (after <= limits::process_unsent_bytes) break;
        after -= s->counted_unsent;
        broken_.push_back(s->handle);
    }
}

std::optional<deadline_ms> socket_table::deadline() const {
    if (open_ == 0) return {};
    return next_sweep_ms_;
}

void socket_table::sweep(instant now) {
    if (open_ == 0 || now.mono_ms < next_sweep_ms_) return;
    next_sweep_ms_ = now.mono_ms + sweep_ms;
    for (std::size_t slot = 0; slot < due_.size(); ++slot) {
        if (due_[slot] <= now.mono_ms) look_after(now, *slots_[slot]);
    }
}

void socket_table::look_after(instant now, session& s) {
    if (s.now != session::state::open) {
        if (s.close_by_ms <= now.mono_ms) return drop(s);
    } else if ((s.blocked && s.progress_at_ms + limits::write_progress_ms <= now.mono_ms) ||
               s.read_at_ms + limits::session_idle_ms <= now.mono_ms) {
        return forget(s);
    } else if (std::max(s.read_at_ms, s.pinged_at_ms) + limits::hub_ping_ms <= now.mono_ms) {
        s.pinged_at_ms = now.mono_ms;
        if (!s.blocked) {
            bytes frame;
            append_ws_frame(frame, ws_opcode::ping, {});
            const auto outcome = s.output.write(s.socket.get(), std::move(frame));
            after_write(now, s, outcome == websocket_output::outcome::broken);
        }
    }
    refresh_due(s);
}

void socket_table::refresh_due(const session& s) {
    auto& due = due_[slot_of(s.handle)];
    if (s.now != session::state::open) {
        due = s.close_by_ms;
        return;
    }
    due = std::min(s.read_at_ms + limits::session_idle_ms,
                   std::max(s.read_at_ms, s.pinged_at_ms) + limits::hub_ping_ms);
    if (s.blocked) due = std::min(due, s.progress_at_ms + limits::write_progress_ms);
}

void socket_table::tell_closed(session& s) {
    if (std::exchange(s.known, false)) tell_(session_closed{s.handle});
}

void socket_table::forget(session& s) {
    tell_closed(s);
    drop(s);
}

void socket_table::drop(session& s) {
    process_unsent_ -= s.counted_unsent;
    const auto slot = slot_of(s.handle);
    due_[slot] = never;
    slots_[slot].reset();
    free_slots_.push_back(static_cast<std::uint32_t>(slot));
    --open_;
}

}  // namespace parley
