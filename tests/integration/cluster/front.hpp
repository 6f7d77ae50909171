#pragma once

#include "tests/support/daemon.hpp"
#include "tests/support/store_folder.hpp"

#include <cstdint>
#include <memory>

namespace parley::testing {

/// nginx with deploy/nginx.conf before two servers on 127.0.0.1. It ends with the object.
class front {
public:
    front(std::uint16_t first, std::uint16_t second);

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Reads its configuration again: new workers, and the old ones end what they do.
    void reload() const;

private:
    store_folder folder_;
    std::uint16_t port_;
    std::unique_ptr<daemon> process_;
};

}  // namespace parley::testing
