#pragma once

#include "server/net/aligned_buffer.hpp"
#include "shared/base/random.hpp"
#include "shared/wire/codec.hpp"
#include "tests/bench/engine.hpp"
#include "tests/bench/parley_fleet.hpp"
#include "tests/bench/quick_reader.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

/// How to talk to a Parley: what the fleets of it have in common.
namespace parley::bench {

inline constexpr std::string_view socket_path = "/ws";
inline constexpr std::size_t steps_at_once = 64;

struct parley_dialect;
using parley_engine = engine<parley_dialect>;

struct parley_dialect {
    std::vector<account> users;
    std::uint64_t epoch = 0;
    std::function<void(link&, const wire::frame_down&)> told = [](auto&, auto&) {};
    random_source random{now_ns()};
    aligned_buffer aligned;
    bytes out;

    [[nodiscard]] const account& owner(const link& of) const { return users[of.number % users.size()]; }

    void upgraded(link& by, parley_engine& in) {
        wire::hello hello;
        hello.user = owner(by).user;
        hello.device = {random.make_id(1)};
        hello.program = "bench";
        say(by, in, hello);
    }

    template <class Frame>
    void say(link& by, parley_engine& in, const Frame& frame) {
        out.clear();
        wire::append(out, frame);
        in.sockets.write_message(by, out);
    }

    byte_view op(link& by, std::uint64_t number) { return by.op->with(number, by.settled, ++by.offers); }

    void read(link& by, byte_view message, parley_engine& in);
    void read_other(link& by, byte_view bytes, parley_engine& in);
};

[[nodiscard]] std::string headers_of(const target& to, const account& user);

/// An engine with enough accounts for so many sessions.
[[nodiscard]] std::unique_ptr<parley_engine> make_engine(const target& to, accounts& users,
                                                         std::size_t sessions);

[[nodiscard]] std::vector<room_id> make_room_ids(parley_engine& in, std::size_t count);

// ---- the steps of a set-up, each until everybody has taken it

[[nodiscard]] std::vector<link*> connect_all(parley_engine& in, const target& to, std::size_t count);
void create_rooms(parley_engine& in, const std::vector<link*>& creators, const std::vector<room_id>& rooms);
void join(parley_engine& in, const std::vector<std::pair<link*, room_id>>& who);
void subscribe(parley_engine& in, const std::vector<link*>& links,
               const std::function<room_id(link&)>& room_of);

}  // namespace parley::bench
