#pragma once

#include "shared/base/bytes.hpp"
#include "tests/bench/sample_frames.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <vector>

/// The load generator: many connections of one thread to one server.
namespace parley::bench {

/// A run that lost, repeated or turned a message, or was refused something, has no figure.
struct run_failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct target {
    std::string name;
    bool raw = false;
    std::uint16_t port = 0;
    pid_t process = 0;
};

struct room_under_load;

struct link {
    int fd = -1;
    std::uint32_t number = 0;
    bool upgraded = false;
    bool ready = false;    ///< and welcome, where the server says so
    bool waiting = false;  ///< for the answer to a step of the set-up
    bool apart = false;    ///< what it gets is not measured, and it may fall behind
    std::uint32_t offers = 0;
    std::uint64_t last_seq = 0;  ///< the next event must be the one after it
    std::uint64_t settled = 0;   ///< the watermark
    room_under_load* room = nullptr;
    std::optional<op_template> op;
    bytes rest;  ///< of a message that has not come whole
    bytes unsent;

    struct own_message {
        std::uint64_t seq;
        std::uint64_t sent_at;
    };

    std::vector<own_message> unstored;
};

struct room_under_load {
    std::vector<link*> members;
    std::size_t next_sender = 0;
    std::uint32_t in_flight = 0;
    std::vector<std::uint32_t> receivers = std::vector<std::uint32_t>(1024);  ///< so far, by seq
};

struct shape {
    std::size_t rooms = 1;
    std::size_t members = 100;
    std::size_t text_bytes = usual_text_bytes;
};

enum class completed_when { everyone_has_it, it_is_stored };

/// What one measurement saw.
struct figures {
    double seconds = 0;
    std::uint64_t messages = 0;  ///< completed
    std::uint64_t deliveries = 0;
    std::uint64_t receives = 0;       ///< calls of recv() that brought something
    std::uint64_t busy_refusals = 0;  ///< ops that were to be offered again
    std::uint64_t server_cpu_ns = 0;
    std::uint64_t own_cpu_ns = 0;
    std::vector<std::uint32_t> received_ns;  ///< from sending to each receiver, or a sample of them
    std::vector<std::uint32_t> stored_ns;    ///< from sending to the author's watermark
};

/// The rooms of one shape on one server, everybody connected, joined and listening.
class fleet {
public:
    virtual ~fleet() = default;

    /// Keeps `in_flight` messages under way in each room, each sent by the next member.
    virtual figures keep_in_flight(std::uint32_t in_flight, completed_when when,
                                   std::chrono::milliseconds warm_up, std::chrono::milliseconds measured) = 0;

    /// Sends at a steady rate, room after room, and looks at every delivery's latency.
    virtual figures keep_rate(std::uint32_t per_second, std::chrono::milliseconds measured) = 0;
};

std::unique_ptr<fleet> make_raw_fleet(const target& to, const shape& of);

}  // namespace parley::bench
