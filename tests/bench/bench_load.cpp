// The load generator. Servers run already; it measures the named rows on all of them, taking turns, and
// writes a line of JSON for each row and server.
//
//     bench_load [option]... row...
//
//     --raw name=port:process       a bench_raw          --rounds n          how often each is measured (5)
//     --parley name=port:process    a parleyd            --measured-ms n     how long each time (1000)
//     --idle-sessions n             of the row `idle`
#include "tests/bench/rows.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sys/resource.h>

namespace {

using namespace parley::bench;

target target_of(const std::string& text, bool raw) {
    const auto equals = text.find('=');
    const auto colon = text.find(':', equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || colon == std::string::npos) {
        throw std::runtime_error("a server is name=port:process, not " + text);
    }
    return {text.substr(0, equals), raw, static_cast<std::uint16_t>(std::stoi(text.substr(equals + 1))),
            static_cast<pid_t>(std::stoi(text.substr(colon + 1)))};
}

plan plan_of(const std::vector<std::string>& arguments, std::vector<std::string>& rows) {
    plan made;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& name = arguments[i];
        if (name.rfind("--", 0) != 0) {
            rows.push_back(name);
            continue;
        }
        if (++i == arguments.size()) {
            throw std::runtime_error(name + " needs a value");
        }
        const auto& value = arguments[i];
        if (name == "--raw" || name == "--parley") {
            made.targets.push_back(target_of(value, name == "--raw"));
        } else if (name == "--rounds") {
            made.rounds = std::stoi(value);
        } else if (name == "--measured-ms") {
            made.measured = std::chrono::milliseconds{std::stoi(value)};
        } else if (name == "--idle-sessions") {
            made.idle_sessions = std::stoul(value);
        } else {
            throw std::runtime_error("unknown option " + name);
        }
    }
    return made;
}

void check_rows(const std::vector<std::string>& rows) {
    const auto known = known_rows();
    for (const auto& row : rows) {
        if (std::find(known.begin(), known.end(), row) == known.end()) {
            throw std::runtime_error("unknown row " + row);
        }
    }
}

void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        std::vector<std::string> rows;
        const auto plan = plan_of({argv + 1, argv + argc}, rows);
        check_rows(rows);
        allow_many_sockets();
        std::map<std::string, accounts> people;
        for (const auto& target : plan.targets) {
            people.emplace(target.name, accounts{target.port});
        }
        for (const auto& row : rows) {
            run_row(row, plan, people, std::cout);
        }
    } catch (const std::exception& error) {
        std::cerr << "bench_load: " << error.what() << '\n';
        return 1;
    }
}
