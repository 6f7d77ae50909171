#include "tests/simulation/run/options.hpp"
#include "tests/simulation/run/report.hpp"

#include <cstdio>
#include <exception>

using namespace parley::simulation;

int main(int argc, char** argv) {
    options asked;
    if (const auto code = read_options(argc, argv, asked)) return *code;
    try {
        return asked.replay ? replay(asked) : hunt(asked);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "simulate: %s\n", failed.what());
        return 2;
    }
}
