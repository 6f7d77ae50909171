#include "server/net/http_session.hpp"

#include "server/net/response_head.hpp"
#include "server/net/router.hpp"
#include "server/net/websocket_upgrade.hpp"
#include "server/ops/crash_points.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace parley {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds request_time{limits::handshake_ms};
constexpr milliseconds idle_time{limits::http_idle_ms};
constexpr milliseconds answer_time{limits::http_answer_ms};
constexpr milliseconds write_progress{limits::write_progress_ms};
constexpr milliseconds linger_time{limits::http_linger_ms};

}  // namespace

http_session::http_session(socket_type socket, std::string peer, connection_ledger::ticket ticket,
                           const http_surroundings& around)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      peer_(std::move(peer)),
      ticket_(std::move(ticket)),
      around_(around) {}

void http_session::start() {
    allow(request_time);
    read_more();
}

void http_session::read_request() {
    now_ = state::reading;
    const auto reached = reader_.next();
    idle_ = !reader_.begun();
    allow(idle_ ? idle_time : request_time);
    request_advanced(reached);
}

void http_session::read_more() {
    socket_.async_read_some(
        asio::buffer(received_),
        [self = shared_from_this()](error_code failed, std::size_t size) { self->read_done(failed, size); });
}

void http_session::read_done(error_code failed, std::size_t size) {
    if (failed || now_ != state::reading) {
        timer_.cancel();
        return;
    }
    const auto reached = reader_.feed({received_.data(), size});
    if (std::exchange(idle_, false)) allow(request_time);
    request_advanced(reached);
}

void http_session::request_advanced(request_reader::state reached) {
    switch (reached) {
    case request_reader::state::reading_head:
    case request_reader::state::reading_body: return read_more();
    case request_reader::state::refused:
        keep_alive_ = false;
        return refuse(reader_.why_refused().status, reader_.why_refused().why);
    case request_reader::state::complete: return answer_request();
    }
}

void http_session::answer_request() {
    now_ = state::answering;
    allow(answer_time);
    ticket_.finish();
    keep_alive_ = reader_.keep_alive();
    auto request = reader_.take();
    request.remote_address = peer_;
    head_only_ = request.method == "HEAD";
    if (const auto ours = around_.api.check_host(request); !ours) return refuse(0, ours.error());
    switch (route_of(request.path)) {
    case route::upgrade: return upgrade(request);
    case route::file: return answer_file(request);
    case route::api:
        around_.api.handle(std::move(request), [self = shared_from_this()](http_response response) {
            asio::post(self->socket_.get_executor(), [self, response = std::move(response)]() mutable {
                self->respond(std::move(response));
            });
        });
    }
}

void http_session::answer_file(const http_request& request) {
    if (!around_.files.holds(request.path)) return refuse(404, error{errc::not_found});
    if (request.method != "GET" && !head_only_) {
        auto response = around_.api.refusal(error{errc::method_not_allowed});
        response.headers.emplace_back("Allow", "GET, HEAD");
        return respond(std::move(response));
    }
    respond(around_.files.answer(request));
}

void http_session::upgrade(const http_request& request) {
    auto head =
        wants_upgrade(request)
            ? accept_upgrade(request)
            : tl::unexpected(upgrade_refusal{426,
                                             {errc::unsupported_version, "only a WebSocket is spoken here"},
                                             {{"Upgrade", "websocket"}}});
    if (!head) {
        auto response = around_.api.refusal(head.error().why);
        response.status = head.error().status;
        response.headers.insert(response.headers.end(), head.error().headers.begin(),
                                head.error().headers.end());
        return respond(std::move(response));
    }
    if (const auto ours = around_.api.check_upgrade_origin(request); !ours) return refuse(0, ours.error());
    if (!ticket_) {
        ticket_ = ticket_of_person(request);
        if (!ticket_) {
            return release(*std::move(head), error{errc::busy, "too many connections from this address"});
        }
    }
    auto answered = [self = shared_from_this(), head = *std::move(head)](result<upgraded_login> login) {
        asio::post(self->socket_.get_executor(), [self, head, login = std::move(login)]() mutable {
            if (login) return self->release(std::move(head), *std::move(login));
            self->release(std::move(head), std::move(login.error()));
        });
    };
    around_.api.authenticate_upgrade(request, std::move(answered));
}

/// The connections of a proxy are not counted until it is known for whom they are.
connection_ledger::ticket http_session::ticket_of_person(const http_request& request) {
    return around_.ledger.enter(around_.api.address_of(request), false);
}

void http_session::release(std::string head, std::variant<upgraded_login, error> login) {
    if (now_ != state::answering) return;
    now_ = state::released;
    timer_.cancel();
    error_code failed;
    unique_fd socket{socket_.release(failed)};
    if (failed) return;
    around_.adopt({std::move(socket), std::move(ticket_), std::move(head), reader_.rest(), std::move(login)});
}

void http_session::refuse(int status, const error& why) {
    auto response = around_.api.refusal(why);
    if (status != 0) response.status = status;
    respond(std::move(response));
}

void http_session::respond(http_response response) {
    if (now_ != state::reading && now_ != state::answering) return;
    now_ = state::writing;
    response_ = std::move(response);
    head_ = response_head(response_, around_.standing, keep_alive_, std::time(nullptr));
    if (head_only_ || response_.status == 204 || response_.status == 304) response_.body.clear();
    sent_ = 0;
    write_more();
}

/// However slow, a reader is served as long as it reads.
void http_session::write_more() {
    allow(write_progress);
    const std::array<asio::const_buffer, 2> unsent{
        asio::buffer(head_) + sent_, asio::buffer(response_.body) + (sent_ - std::min(sent_, head_.size()))};
    socket_.async_write_some(unsent, [self = shared_from_this()](error_code failed, std::size_t size) {
        if (failed || self->now_ != state::writing) return self->timer_.cancel(), void();
        self->sent_ += size;
        if (self->sent_ < self->head_.size() + self->response_.body.size()) return self->write_more();
        self->write_done();
    });
}

void http_session::write_done() {
    PARLEY_CRASH_POINT(http_answered);
    if (keep_alive_) return read_request();
    linger();
}

/// Closing over unread input would reset the connection, and with it what the peer has not read of the
/// answer.
void http_session::linger() {
    now_ = state::lingering;
    allow(linger_time);
    error_code failed;
    socket_.shutdown(socket_type::shutdown_send, failed);
    discard_more();
}

void http_session::discard_more() {
    socket_.async_read_some(asio::buffer(received_),
                            [self = shared_from_this()](error_code failed, std::size_t) {
                                if (failed) return self->timer_.cancel(), void();
                                self->discard_more();
                            });
}

void http_session::allow(milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
        if (cancelled) return;
        if (const auto self = weak.lock()) self->run_out_of_time();
    });
}

void http_session::run_out_of_time() {
    if (now_ == state::reading && reader_.begun()) {
        keep_alive_ = false;
        return refuse(408, error{errc::malformed, "the request did not end in time"});
    }
    error_code failed;
    socket_.close(failed);
}

}  // namespace parley
