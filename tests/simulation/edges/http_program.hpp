#pragma once

#include "tests/simulation/edges/server_process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parley::simulation {

/// Programs that ask over HTTP with a key and repeat what was not answered, and the proxies between, which
/// may send a request twice and lose an answer.
class http_programs {
public:
    struct call {
        const person* author = nullptr;
        wire::op op;
        std::uint64_t number = 0;
        std::uint32_t tries = 0;
        bool answered = false;
        wire::op_reply verdict;
    };

    http_programs(surroundings& around, audience& all, server_process& server)
        : around_(around), all_(all), server_(server) {}

    /// `twice`: some proxy repeats each of its requests.
    const call& ask(const person& author, const wire::op& op, std::uint64_t number, bool twice);

    /// Nothing waits for an answer, and no copy of a request is under way.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] const std::vector<std::unique_ptr<call>>& calls() const { return calls_; }

private:
    void send(call& one, bool twice);
    void arrive(call& one, std::int64_t answer_ms);
    void hear(call& one, const answer_http& answer);

    surroundings& around_;
    audience& all_;
    server_process& server_;
    std::vector<std::unique_ptr<call>> calls_;
    std::size_t under_way_ = 0;
};

}  // namespace parley::simulation
