#include "server/net/front.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>

namespace parley {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds pause_without_files{100};
constexpr int notsent_lowat_bytes = 64 * 1024;  // more in the kernel would hide whether a reader reads

bool out_of_files(const error_code& failed) {
    return failed == asio::error::no_descriptors ||
           failed == boost::system::errc::too_many_files_open_in_system ||
           failed == asio::error::no_buffer_space || failed == asio::error::no_memory;
}

/// IPv4 reached through an IPv6 socket is IPv4 all the same.
std::string text_of(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

}  // namespace

struct front::state {
    http_surroundings around;
    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    asio::steady_timer pause{context};
    std::thread thread;

    explicit state(http_surroundings given) : around(std::move(given)) {}

    void listen(const std::string& address, std::uint16_t port);
    void accept_next();
    void accepted(tcp::socket socket);
};

void front::state::listen(const std::string& address, std::uint16_t port) {
    const tcp::endpoint endpoint{asio::ip::make_address(address), port};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
}

void front::state::accept_next() {
    acceptor.async_accept([this](error_code failed, tcp::socket socket) {
        if (failed == asio::error::operation_aborted) return;
        if (!failed) accepted(std::move(socket));
        if (!out_of_files(failed)) return accept_next();
        pause.expires_after(pause_without_files);
        pause.async_wait([this](error_code cancelled) {
            if (!cancelled) accept_next();
        });
    });
}

void front::state::accepted(tcp::socket socket) {
    error_code failed;
    const auto peer = socket.remote_endpoint(failed);
    if (failed) return;
    auto address = text_of(peer.address());
    connection_ledger::ticket ticket;
    if (std::find(around.proxies.begin(), around.proxies.end(), address) == around.proxies.end()) {
        ticket = around.ledger.enter(address, true);
        if (!ticket) return;
    }
    socket.set_option(tcp::no_delay(true), failed);
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent_lowat_bytes,
                 sizeof notsent_lowat_bytes);
    std::make_shared<http_session>(std::move(socket), std::move(address), std::move(ticket), around)->start();
}

front::front(const std::string& address, std::uint16_t port, http_surroundings around)
    : state_(std::make_unique<state>(std::move(around))) {
    try {
        state_->listen(address, port);
    } catch (const boost::system::system_error& failed) {
        throw std::system_error(failed.code());
    }
}

front::~front() {
    stop();
}

void front::start() {
    state_->accept_next();
    state_->thread = std::thread{[this] { state_->context.run(); }};
}

void front::stop() {
    state_->context.stop();
    if (state_->thread.joinable()) state_->thread.join();
    error_code failed;
    state_->acceptor.close(failed);
}

std::uint16_t front::port() const {
    return state_->acceptor.local_endpoint().port();
}

}  // namespace parley
