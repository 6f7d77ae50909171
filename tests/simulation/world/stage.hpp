#pragma once

#include "tests/simulation/edges/device.hpp"
#include "tests/simulation/edges/http_program.hpp"
#include "tests/simulation/edges/server_process.hpp"
#include "tests/simulation/edges/tab.hpp"
#include "tests/simulation/laws/chronicle.hpp"

#include <memory>
#include <vector>

namespace parley::simulation {

/// Who and what there is in a world.
struct stage {
    surroundings& around;
    audience& all;
    chronicle& seen;
    std::vector<std::unique_ptr<person>> people;
    std::vector<std::unique_ptr<device>> devices;
    std::vector<std::unique_ptr<tab>> tabs;
    std::vector<room_id> rooms;
    std::unique_ptr<server_process> server;
    std::unique_ptr<http_programs> programs;
};

}  // namespace parley::simulation
