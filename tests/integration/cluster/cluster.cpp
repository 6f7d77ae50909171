#include "tests/integration/cluster/cluster.hpp"

namespace parley::testing {

cluster::cluster(std::size_t servers, std::vector<std::string> more_options) {
    std::vector<std::string> options{"--message-rate", "0"};
    options.insert(options.end(), more_options.begin(), more_options.end());
    const environment together{{"PARLEY_STORE", database_.url()}, {"PARLEY_BACKBONE", redis_.url()}};
    while (servers_.size() < servers)
        servers_.push_back(std::make_unique<server_process>(options, together));
}

native_profile cluster::sign_up(const std::string& name, std::size_t at) {
    return parley::testing::sign_up(server(at).port(), name);
}

}  // namespace parley::testing
