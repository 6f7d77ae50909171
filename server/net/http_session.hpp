#pragma once

#include "server/net/adopted_socket.hpp"
#include "server/net/api_port.hpp"
#include "server/net/connection_ledger.hpp"
#include "server/net/request_reader.hpp"
#include "server/net/static_files.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parley {

/// What all connections share. Outlives them.
struct http_surroundings {
    http_api& api;
    const static_files& files;
    connection_ledger& ledger;
    http_headers standing;             ///< of every response
    std::vector<std::string> proxies;  ///< their connections are counted for the people behind them
    std::function<void(adopted_socket)> adopt;
};

/// One connection that speaks HTTP, until it closes or becomes a WebSocket. Lives on the front thread, kept
/// alive by what it waits for.
///
///     reading ──complete──▶ answering ──▶ writing ──keep-alive──▶ reading
///        │                      └──upgrade──▶ (the socket is the hub's)
///        └──refused, too slow──▶ writing ──▶ lingering ──▶ (closed)
class http_session : public std::enable_shared_from_this<http_session> {
public:
    using socket_type = boost::asio::ip::tcp::socket;

    http_session(socket_type socket, std::string peer, connection_ledger::ticket ticket,
                 const http_surroundings& around);

    void start();

private:
    enum class state : std::uint8_t { reading, answering, writing, lingering, released };

    void read_request();
    void read_more();
    void read_done(boost::system::error_code failed, std::size_t size);
    void request_advanced(request_reader::state reached);
    void answer_request();
    void answer_file(const http_request& request);
    void upgrade(const http_request& request);
    void release(std::string head, std::variant<upgraded_login, error> login);
    [[nodiscard]] connection_ledger::ticket ticket_of_person(const http_request& request);
    void refuse(int status, const error& why);
    void respond(http_response response);
    void write_more();
    void write_done();
    void linger();
    void discard_more();
    void allow(std::chrono::milliseconds time);
    void run_out_of_time();

    socket_type socket_;
    boost::asio::steady_timer timer_;
    std::string peer_;
    connection_ledger::ticket ticket_;
    const http_surroundings& around_;
    request_reader reader_;
    std::array<std::uint8_t, 8 * 1024> received_;
    std::string head_;
    http_response response_;
    std::size_t sent_ = 0;  ///< of head and body
    state now_ = state::reading;
    bool idle_ = false;  ///< between two requests
    bool keep_alive_ = false;
    bool head_only_ = false;
};

}  // namespace parley
