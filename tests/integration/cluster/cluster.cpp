#include "tests/integration/cluster/cluster.hpp"

#include "server/backbone/redis/connection.hpp"

#include <algorithm>
#include <stdexcept>

namespace parley::testing {
namespace {

constexpr std::size_t last = 3'000;

}  // namespace

cluster::cluster(std::size_t servers, std::vector<std::string> more_options) {
    std::vector<std::string> options{"--message-rate", "0"};
    options.insert(options.end(), more_options.begin(), more_options.end());
    const environment together{{"PARLEY_STORE", database_.url()}, {"PARLEY_BACKBONE", redis_.url()}};
    while (servers_.size() < servers)
        servers_.push_back(std::make_unique<server_process>(options, together));
}

void cluster::empty_redis() const {
    redis::connection to{redis::parse_address(redis_.url()).value()};
    if (!to.call({"FLUSHALL"})) throw std::runtime_error{"Redis does not answer"};
}

std::string cluster::last_words() const {
    std::string all;
    for (const auto& server : servers_) {
        const auto said = server->output();
        all += server->origin() + " said at last:\n" + said.substr(said.size() - std::min(said.size(), last));
    }
    return all;
}

native_profile cluster::sign_up(const std::string& name, std::size_t at) {
    return parley::testing::sign_up(server(at).port(), name);
}

}  // namespace parley::testing
