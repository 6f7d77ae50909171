#pragma once

#include "tests/support/native_client.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/server_process.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace parley::testing {

/// Servers on one PostgreSQL and one Redis of their own.
class cluster {
public:
    explicit cluster(std::size_t servers, std::vector<std::string> more_options = {});

    [[nodiscard]] server_process& server(std::size_t which) { return *servers_.at(which); }

    [[nodiscard]] redis_server& redis() { return redis_; }

    [[nodiscard]] postgres_server& postgres() { return postgres_; }

    [[nodiscard]] const postgres_database& database() const { return database_; }

    /// All that Redis knew is gone, in one moment.
    void empty_redis() const;

    /// The last lines of all servers.
    [[nodiscard]] std::string last_words() const;

    /// An account, whose client connects to that server.
    [[nodiscard]] native_profile sign_up(const std::string& name, std::size_t at);

private:
    postgres_server postgres_;
    postgres_database database_{postgres_};
    redis_server redis_;
    std::vector<std::unique_ptr<server_process>> servers_;
};

}  // namespace parley::testing
